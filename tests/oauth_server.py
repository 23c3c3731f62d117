"""A small authorization server on loopback that plays Google and Microsoft: it lets in whoever the test says.

Paths are those that `accounts/oauth/servers.py` puts behind OAUTH_STAND_IN. Google keeps its refresh tokens and takes
them back on request; Microsoft issues a new one with every renewal and then forgets the old one.
"""

import base64
import hashlib
import html
import itertools
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

CLIENTS = {"google": ("google-client", "google-secret"), "microsoft": ("microsoft-client", "microsoft-secret")}
_SCOPES = {"google": "https://mail.google.com/", "microsoft": "https://outlook.office.com/POP.AccessAsUser.All"}


class OAuthServer(ThreadingHTTPServer):
    """`who` is the address of whoever signs in. `lifetime` is that of access tokens in seconds.

    `fails` holds answers that token and device endpoints give first: a status, or a status with a JSON object. While
    `gate` is not set, the token endpoint waits. `asked` are the forms that came, each with its path.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.who = "alice@gmail.com"
        self.lifetime: object = 3600
        self.scope: str | None = None
        self.gives_refresh_token = True
        self.fails: deque[tuple[int, dict[str, object]]] = deque()
        self.gate = Event()
        self.gate.set()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.access_tokens: dict[str, str] = {}
        self.refresh_tokens: dict[str, str] = {}
        self.revoked: list[str] = []
        # Typed at the device page, or not yet, or refused there.
        self.device_answer = "authorization_pending"
        self._codes: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count(1)
        self.lock = Lock()

    def allow(self, request: str) -> dict[str, str]:
        """Do what a person does who opens this authorization request and allows it; return what he comes back with."""
        query = dict(parse_qsl(urlsplit(request).query))
        code = f"code-{next(self._numbers)}"
        self._codes[code] = query
        return {"code": code, "state": query["state"]}

    def issue(self, address: str = "") -> tuple[str, str]:
        """Issue a pair of tokens; return the access token and the refresh token."""
        number = next(self._numbers)
        access, refresh = f"planted-access-token-{number}", f"planted-refresh-token-{number}"
        self.access_tokens[access] = self.refresh_tokens[refresh] = address or self.who
        return access, refresh

    def withdraw(self) -> None:
        """Forget every token, as when a person takes his permission back."""
        self.access_tokens.clear()
        self.refresh_tokens.clear()

    def redeemed(self, name: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """Answer a question to the token endpoint of the provider called `name`."""
        kind = form.get("grant_type", "")
        error = self._fault(name, kind, form)
        if error:
            return 400, {"error": error, "error_description": f"This is {error}: {form.get('refresh_token', '')}"}
        address = self.refresh_tokens.get(form.get("refresh_token", ""), self.who)
        access, refresh = self.issue(address)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": self.lifetime}
        answer["scope"] = _SCOPES[name] if self.scope is None else self.scope
        if (kind == "refresh_token" and name == "google") or not self.gives_refresh_token:
            del self.refresh_tokens[refresh]
        else:
            self.refresh_tokens.pop(form.get("refresh_token", ""), None)
            answer["refresh_token"] = refresh
        return 200, answer

    def _fault(self, name: str, kind: str, form: dict[str, str]) -> str:
        client, secret = CLIENTS[name]
        is_public = kind.endswith("device_code") or "client_secret" not in form
        if form.get("client_id") != client or (not is_public and form["client_secret"] != secret):
            return "invalid_client"
        if kind == "authorization_code":
            asked = self._codes.pop(form.get("code", ""), {})
            proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            is_proved = asked.get("code_challenge") == proof.rstrip(b"=").decode()
            is_good = is_proved and asked.get("redirect_uri") == form.get("redirect_uri") and not is_public
            return "" if is_good else "invalid_grant"
        if kind == "refresh_token":
            return "" if form.get("refresh_token") in self.refresh_tokens else "invalid_grant"
        return self.device_answer if form.get("device_code") == "planted-device-code" else "invalid_grant"


class _Answer(BaseHTTPRequestHandler):
    server: OAuthServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/tokeninfo":
            address = self.server.access_tokens.get(query.get("access_token", ""))
            self._say(*((200, {"email": address}) if address else (401, {"error": "invalid_token"})))
        else:
            fields = "".join(
                f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in query.items()
            )
            page = f"<!doctype html><title>Provider</title><h1>Let Letterbox in?</h1><form method=post>{fields}"
            self._send(200, f"{page}<button>Allow</button></form>".encode(), "text/html")

    def do_POST(self) -> None:
        octets = self.rfile.read(int(self.headers["Content-Length"]))
        form = {name: values[0] for name, values in parse_qs(octets.decode()).items()}
        name, _, endpoint = urlsplit(self.path).path.strip("/").partition("/")
        if endpoint == "authorize":
            back = urlencode(self.server.allow(f"?{urlencode(form)}"))
            self.send_response(302)
            self.send_header("Location", f"{form['redirect_uri']}?{back}")
            self.end_headers()
            return
        self.server.asked.append((self.path, form))
        self.server.gate.wait(30)
        with self.server.lock:
            self._say(*(self.server.fails.popleft() if self.server.fails else self._answer(name, endpoint, form)))

    def _answer(self, name: str, endpoint: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if endpoint == "devicecode":
            about = {"verification_uri": f"{self.server.url}/device", "expires_in": 900, "interval": 5}
            return 200, {"device_code": "planted-device-code", "user_code": "BCDF-GHJK", **about}
        if endpoint == "revoke":
            self.server.revoked.append(form["token"])
            is_known = self.server.refresh_tokens.pop(form["token"], None)
            return (200, {}) if is_known else (400, {"error": "invalid_token"})
        return self.server.redeemed(name, form)

    def log_message(self, *_: object) -> None:
        pass

    def _say(self, status: int, answer: dict[str, object]) -> None:
        self._send(status, json.dumps(answer).encode(), "application/json")

    def _send(self, status: int, octets: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)


@contextmanager
def oauth_server() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.gate.set()
        server.shutdown()
        thread.join()
