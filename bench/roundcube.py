"""Roundcube with Dovecot, answering over HTTP, where both are installed: what `bench.pages` holds its figures against.

Wanted are Debian's roundcube-core, roundcube-sqlite3, php-cgi, lighttpd and dovecot-imapd; nothing of it is needed by
Letterbox or its tests. Each runs from a temporary folder on a free port of loopback and ends with the measurement; what
Debian's packages have configured is not looked at. PHP keeps its compiled code (opcache), as it comes.
"""

import http.client
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.dovecot import Dovecot
from tests.servers import answers, free_port, wait_until

INSTALLED = Path("/usr/share/roundcube")
_SCHEMA = INSTALLED / "SQL/sqlite.initial.sql"
_DEFAULTS = Path("/etc/roundcube")
_PROGRAMS = tuple(map(Path, ("/usr/bin/php-cgi", "/usr/sbin/lighttpd", "/usr/lib/dovecot/imap")))
_NEEDED = (INSTALLED / "index.php", _SCHEMA, _DEFAULTS / "defaults.inc.php", *_PROGRAMS)
_USER, _PASSWORD = "alice", "correct horse"
_LINES = 50

_IMAP = """\
protocols = imap pop3
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
_SETTINGS = """\
<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///{folder}/roundcube.sqlite3?mode=0600';
$config['imap_host'] = '127.0.0.1:{port}';
$config['des_key'] = 'twenty-four-characters-x';
$config['temp_dir'] = '{folder}/temp';
$config['log_dir'] = '{folder}/logs';
$config['mail_pagesize'] = {lines};
$config['plugins'] = [];
$config['enable_installer'] = false;
"""
_WEB = """\
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {port}
server.modules = ("mod_fastcgi")
server.errorlog = "{folder}/logs/web"
index-file.names = ("index.php")
{user}
fastcgi.server = (".php" => ((
  "bin-path" => "/usr/bin/php-cgi",
  "socket" => "{folder}/php.sock",
  "max-procs" => 1,
  "bin-environment" => ("PHP_FCGI_CHILDREN" => "4", "ROUNDCUBE_CONFIG_DIR" => "{folder}/config/")
)))
"""

type Ask = Callable[[], tuple[int, bytes]]
"""Asks for a page over a kept connection; returns the status and the content."""


def missing() -> str:
    """Return what is not installed, "" where Roundcube can run."""
    return ", ".join(str(path) for path in _NEEDED if not path.exists())


@contextmanager
def roundcube(messages: Iterable[bytes]) -> Iterator[dict[str, Ask]]:
    """Serve a mailbox of `messages`; yield by their names what asks for its list, and for the newest message."""
    imap = free_port()
    with (
        Dovecot({_USER: _PASSWORD}, extra=_IMAP.format(port=imap)) as server,
        tempfile.TemporaryDirectory(prefix="letterbox-roundcube-") as name,
    ):
        for octets in messages:
            server.add(_USER, octets)
        with _web_server(Path(name), imap) as port:
            yield _Reader(port).pages()


@contextmanager
def _web_server(folder: Path, imap: int) -> Iterator[int]:
    """Run PHP behind a web server; yield its port."""
    port = free_port()
    _configure(folder, imap, port)
    command = ["/usr/sbin/lighttpd", "-D", "-f", str(folder / "web.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port), what="the start of Roundcube's web server")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _configure(folder: Path, imap: int, port: int) -> None:
    for name in ("config", "temp", "logs"):
        (folder / name).mkdir()
    for path in (_DEFAULTS / "defaults.inc.php", _DEFAULTS / "mimetypes.php"):
        shutil.copy(path, folder / "config")
    settings = _SETTINGS.format(folder=folder, port=imap, lines=_LINES)
    (folder / "config/config.inc.php").write_text(settings)
    user = 'server.username = "www-data"' if os.geteuid() == 0 else ""
    (folder / "web.conf").write_text(_WEB.format(root=INSTALLED, folder=folder, port=port, user=user))
    database = sqlite3.connect(folder / "roundcube.sqlite3")
    database.executescript(_SCHEMA.read_text())
    database.close()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("www-data")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


class _Reader:
    """A browser that has signed in, as far as Roundcube looks."""

    def __init__(self, port: int) -> None:
        # A full mailbox is indexed when it is first opened.
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._cookies: dict[str, str] = {}
        _status, page = self._ask("?_task=login")
        form = {"_task": "login", "_action": "login", "_user": _USER, "_pass": _PASSWORD, "_timezone": "UTC"}
        self._ask("?_task=login", form | {"_token": _found(rb'name="_token" value="(\w+)"', page)})
        _status, page = self._ask("?_task=mail&_mbox=INBOX")
        self._token = _found(rb'"request_token":"(\w+)"', page)

    def pages(self) -> dict[str, Ask]:
        listed = self._list()[1]
        assert listed.count(b"add_message_row") >= _LINES, listed[:2000]
        newest = _found(rb"add_message_row\((\d+)", listed)
        return {"Roundcube's list": self._list, "Roundcube's message": lambda: self._message(newest)}

    def _list(self) -> tuple[int, bytes]:
        return self._ask("?_task=mail&_action=list&_mbox=INBOX&_page=1&_remote=1&_unlock=0")

    def _message(self, uid: str) -> tuple[int, bytes]:
        return self._ask(f"?_task=mail&_action=preview&_uid={uid}&_mbox=INBOX&_framed=1")

    def _ask(self, query: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if "_remote" in query:
            headers |= {"X-Requested-With": "XMLHttpRequest", "X-Roundcube-Request": self._token}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._line.request("POST" if form else "GET", f"/{query}", urlencode(form) if form else None, headers)
        answer = self._line.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, content


def _found(pattern: bytes, page: bytes) -> str:
    match = re.search(pattern, page)
    assert match, page[:2000]
    return match[1].decode()
