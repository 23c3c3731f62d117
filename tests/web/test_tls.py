"""TLS of the guarded client: a pinned address must still prove its name."""

import ssl

import pytest

from mailbox import web
from mailbox.web import wire
from tests.dovecot import write_certificate
from tests.web.asking import get
from tests.web.odd_web import PNG, OddWeb, gives


@pytest.fixture
def secure(serve, tmp_path, monkeypatch) -> OddWeb:
    """A server that proves to be pictures.test, to a client that believes it."""
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(*files, host="pictures.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    names: list[str] = []
    context.sni_callback = lambda _wire, name, _context: names.append(name)
    client = ssl.create_default_context(cafile=str(files[0]))
    monkeypatch.setattr(wire, "_context", lambda: client)
    server = serve(lambda line: (line.start_tls(context), gives()(line)))
    server.names = names
    return server


def test_the_pinned_address_must_prove_the_name(secure):
    assert get(f"https://pictures.test:{secure.port}/a.png").content == PNG
    assert secure.names == ["pictures.test"]
    assert b"Host: pictures.test:%d" % secure.port in secure.lines[0].heard


def test_a_closing_dot_is_not_part_of_the_name_to_prove(secure):
    assert get(f"https://pictures.test.:{secure.port}/a.png").content == PNG


def test_another_name_is_not_believed(secure):
    with pytest.raises(web.Untrusted):
        get(f"https://far.test:{secure.port}/a.png")


def test_a_server_without_tls_is_not_asked_in_the_clear(serve):
    server = serve(gives())
    with pytest.raises(web.WebError):
        get(f"https://pictures.test:{server.port}/a.png")
    assert server.requests == []
