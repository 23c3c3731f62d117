"""A real Dovecot on loopback for tests: its own folder, ports, users and certificate, gone afterwards."""

import datetime
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import Missing, free_port, program

_PACKAGE = "dovecot-pop3d"
_START_SECONDS = 15

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
auth_verbose = yes
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
protocol pop3 {{
  pop3_uidl_format = %g
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {port}
  }}
  inet_listener pop3s {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  # Without this, wrong passwords make every later login from this address wait.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service pop3 {{
  process_limit = 200
}}
{extra}
"""


class Dovecot:
    """Starts on entering the context and stops on leaving it.

    `users` maps names to passwords. `port` speaks plain POP3 with STLS, `tls_port` TLS; `certificate` is a PEM file
    that verifies both for the host "localhost". `extra` is appended to the configuration.
    """

    host = "localhost"
    address = "127.0.0.1"

    def __init__(
        self, users: dict[str, str] | None = None, *, mechanisms: str = "plain login cram-md5 apop", extra: str = ""
    ) -> None:
        self.users = dict(users or {"alice": "correct horse", "bob": "battery staple"})
        self._mechanisms = mechanisms
        self._extra = extra
        self._counter = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        binary = program("dovecot", package=_PACKAGE)
        if not Path("/usr/lib/dovecot/pop3").exists():
            raise Missing(f"apt install {_PACKAGE}")
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        self.port, self.tls_port = free_port(), free_port()
        self.certificate = self.folder / "certificate.pem"
        self._write_configuration()
        self._process = subprocess.Popen(
            [binary, "-F", "-c", str(self.folder / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, user: str, octets: bytes) -> None:
        """Put a message into the maildrop; its octets are those that POP3 serves if all its lines end in CRLF."""
        name = f"{int(time.time())}.M{next(self._counter):08}P{os.getpid()}.test"
        new = self._maildir(user) / "new"
        path = new.parent / "tmp" / name
        path.write_bytes(octets)
        self._give_away(path)
        path.rename(new / name)

    def messages(self, user: str) -> list[bytes]:
        """What is in the maildrop now, oldest first."""
        while True:
            # A session that was killed may still move a message from new to cur in this moment.
            with suppress(FileNotFoundError):
                files = {path.name.partition(":")[0]: path for path in self._files(user)}
                return [path.read_bytes() for _name, path in sorted(files.items())]

    def _files(self, user: str) -> list[Path]:
        return [path for folder in ("new", "cur") for path in (self._maildir(user) / folder).iterdir()]

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this server's certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def log(self) -> str:
        """What the server wrote down, for the message of a failed test."""
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _maildir(self, user: str) -> Path:
        maildir = self.folder / "mail" / user
        for folder in (maildir, *(maildir / name for name in ("tmp", "new", "cur"))):
            if not folder.exists():
                folder.mkdir()
                self._give_away(folder)
        return maildir

    def _give_away(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, *self._mail_owner())

    def _mail_owner(self) -> tuple[int, int]:
        """Dovecot refuses to serve root's mail, so as root the mail belongs to nobody."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        return pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid

    def _write_configuration(self) -> None:
        write_certificate(self.certificate, self.folder / "key.pem", host=self.host)
        (self.folder / "mail").mkdir()
        self._give_away(self.folder / "mail")
        lines = [f"{user}:{{PLAIN}}{password}" for user, password in self.users.items()]
        (self.folder / "users").write_text("\n".join(lines) + "\n")
        (self.folder / "dovecot.conf").write_text(_CONFIG.format(**self._settings()))

    def _settings(self) -> dict[str, object]:
        uid, gid = self._mail_owner()
        me, my_group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        is_root = os.geteuid() == 0
        return {
            "folder": self.folder,
            "port": self.port,
            "tls_port": self.tls_port,
            "mechanisms": self._mechanisms,
            "login_user": "dovenull" if is_root else me,
            "internal_user": "dovecot" if is_root else me,
            "internal_group": "dovecot" if is_root else my_group,
            "uid": uid,
            "gid": gid,
            "extra": self._extra,
        }

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError), socket.create_connection((self.address, self.port), timeout=5) as line:
                if line.recv(3) == b"+OK":
                    return
            time.sleep(0.02)
        self._process.kill()
        errors = self._process.communicate()[1].decode(errors="replace")
        raise RuntimeError(f"Dovecot did not start: {errors}\n{self.log()}")


def write_certificate(certificate: Path, key: Path, *, host: str, days: int = 2) -> None:
    """A self-signed certificate for `host` that is its own authority. Negative `days`: it has expired."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(secret, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    key.chmod(0o600)
