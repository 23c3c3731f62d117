"""Real PostgreSQL and Redis on free loopback ports, each in a temporary folder and gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Generous: two busy cores start a site in ten seconds, four at once in forty.
START_SECONDS = 60.0


class Missing(Exception):
    """A server's program is not on this machine; the text says what to install."""


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(ready: Callable[[], object], *, what: str, seconds: float = START_SECONDS) -> None:
    """Return once `ready()` is true; raise TimeoutError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Tell whether somebody accepts connections on 127.0.0.1 at `port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def program(name: str, *, package: str) -> str:
    """Return the path of the program `name`; raise Missing, naming Debian's `package`, where there is none."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/sbin"]
    postgres = sorted(str(folder) for folder in Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which(name, path=os.pathsep.join([*reversed(postgres), *folders]))
    if found is None:
        raise Missing(f"{name} is missing: install Debian's package {package}")
    return found


@contextmanager
def postgres(*, is_durable: bool = False) -> Iterator[str]:
    """Run a PostgreSQL server; yield the URL of an empty database on it.

    It refuses to run as root, so under root it runs as `postgres`. Unless it `is_durable`, as for measuring, nothing is
    flushed to disk: the data is thrown away.
    """
    flushes = "on" if is_durable else "off"
    initdb, server = (program(name, package="postgresql") for name in ("initdb", "postgres"))
    port = free_port()
    user = _postgres_user()
    with tempfile.TemporaryDirectory(prefix="letterbox-postgres-") as folder:
        data = Path(folder) / "data"
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        _run(
            [initdb, "--auth=trust", "--username=letterbox", "--encoding=UTF8", "--locale=C", "--no-sync", str(data)],
            user,
        )
        options = _settings(
            listen_addresses="127.0.0.1",
            unix_socket_directories="",
            fsync=flushes,
            synchronous_commit=flushes,
            full_page_writes=flushes,
            max_connections="100",
            shared_buffers="256MB" if is_durable else "64MB",
            max_wal_size="4GB",
        )
        with _running([server, "-D", str(data), "-p", str(port), *options], user, Path(folder) / "log"):
            url = f"postgres://letterbox@127.0.0.1:{port}/postgres"
            wait_until(lambda: _accepts(url), what="PostgreSQL's start")
            yield url


@contextmanager
def redis(password: str = "") -> Iterator[str]:
    """Run a Redis server that keeps nothing; yield its URL."""
    server = program("redis-server", package="redis-server")
    port = free_port()
    secret = ["--requirepass", password] if password else []
    with tempfile.TemporaryDirectory(prefix="letterbox-redis-") as folder:
        command = [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder, *secret]
        with _running(command, None, Path(folder) / "log"):
            wait_until(lambda: answers(port), what="Redis's start")
            yield f"redis://{f':{password}@' if password else ''}127.0.0.1:{port}/0"


def create_database(url: str, name: str) -> str:
    """Create the empty database `name` on the server at `url`; return its URL."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{url.rsplit('/', 1)[0]}/{name}"


def _postgres_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Missing("the user postgres is missing: install Debian's package postgresql") from None


def _settings(**values: str) -> list[str]:
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def _accepts(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def _run(command: list[str], user: str | None) -> None:
    subprocess.run(command, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _running(command: list[str], user: str | None, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, user=user, cwd="/", stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
    except TimeoutError as error:
        error.add_note(log.read_text(errors="replace")[-2000:])
        raise
    finally:
        # SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for clients. Redis takes it for a stop as well.
        process.send_signal(2)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
