"""A small server that speaks OpenID Connect, on loopback: it lets in whoever the test says."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs


class OidcServer(ThreadingHTTPServer):
    """`claims` is whom it lets in; `challenge` is what the code must be proved with (RFC 7636, 4.6)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.claims: dict[str, object] = {}
        self.challenge = ""


class _Answer(BaseHTTPRequestHandler):
    server: OidcServer

    def do_GET(self) -> None:
        if self.path == "/.well-known/openid-configuration":
            names = {"issuer": "", "authorization_endpoint": "/ask", "token_endpoint": "/token"}
            names |= {"userinfo_endpoint": "/who", "jwks_uri": "/keys"}
            self._say({name: f"{self.server.url}{path}" for name, path in names.items()})
        else:
            self._say(self.server.claims if self.headers["Authorization"] == "Bearer token" else {})

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        proof = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() == self.server.challenge:
            self._say({"access_token": "token", "token_type": "Bearer"})
        else:
            self._say({"error": "invalid_grant"}, 400)

    def log_message(self, *_: object) -> None:
        pass

    def _say(self, answer: dict[str, object], status: int = 200) -> None:
        octets = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)


@contextmanager
def oidc_server() -> Iterator[OidcServer]:
    with OidcServer() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
