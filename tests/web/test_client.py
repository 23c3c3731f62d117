"""The guarded client: what it asks for, what it takes, and what it leaves."""

from collections.abc import Sequence
from io import BytesIO
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox import web
from mailbox.web import client
from mailbox.web.wire import Wire
from tests.pop3.misbehaving import Line
from tests.web.asking import LIMITS, get, to_loopback
from tests.web.odd_web import PNG, OddWeb, Script, gives, hear_request, leads_to, response, says

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def heard(server: OddWeb) -> list[bytes]:
    return server.lines[0].heard


def test_returns_the_content(serve):
    server = serve(gives())
    assert get(f"{server.url}/a.png") == web.Answer(200, "OK", "image/png", PNG)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\n\r\nabc",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_reads_every_framing(serve, answer):
    assert get(serve(says(answer)).url).content == b"abc"


def test_gives_nothing_away(serve):
    server = serve(gives())
    get(f"{server.url}/a.png?b=c#d")
    assert heard(server) == [
        b"GET /a.png?b=c HTTP/1.1",
        b"Host: 127.0.0.1:%d" % server.port,
        b"User-Agent: Mozilla/5.0",
        b"Accept-Encoding: identity",
        b"Connection: close",
        b"Accept: image/png, image/jpeg, image/gif, image/webp",
        b"",
    ]


def test_a_cookie_is_neither_kept_nor_sent(serve):
    server = serve(leads_to("/b.png", fields="Set-Cookie: who=alice\r\n"), gives())
    get(f"{server.url}/a.png")
    get(f"{server.url}/a.png")
    assert len(server.lines) == 3
    assert not any(b"ookie" in words or b"eferer" in words for words in server.heard)


# Whom it asks


def test_connects_to_the_address_that_was_checked_and_asks_once(serve):
    asked = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    server = serve(gives())
    get(f"http://pictures.test:{server.port}/a.png", resolve)
    assert asked == [("pictures.test", server.port)]
    assert b"Host: pictures.test:%d" % server.port in heard(server)


def test_takes_the_next_address_when_one_does_not_answer(serve):
    server = serve(gives())
    assert get(server.url, lambda *_: ["127.255.255.254", "127.0.0.1"]).content == PNG


def test_asks_nobody_when_the_guard_refuses(serve):
    def refuse(_host: str, _port: int) -> Sequence[str]:
        raise web.Forbidden

    server = serve(gives())
    with pytest.raises(web.Forbidden):
        get(server.url, refuse)
    assert server.lines == []


@pytest.mark.parametrize(
    "address",
    [
        "ftp://far.test/a.png",
        "file:///etc/passwd",
        "gopher://far.test/",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "//far.test/a.png",
        "far.test/a.png",
        "",
        "http://",
        "http:///a.png",
        "http://alice@far.test/a.png",
        "http://alice:secret@far.test/a.png",
        "http://far.test@127.0.0.1/a.png",
        "http://far.test\\@127.0.0.1/a.png",
        "http://far.test\\a.png",
        "http://far test/a.png",
        "http://far.test:99999/a.png",
        "http://far.test:0/a.png",
        "http://far.test:x/a.png",
        "http://[::1/a.png",
        "http://[fe80::1%25eth0]/a.png",
        "http://far..test/a.png",
        "http://far.test\x00/a.png",
        "http://" + "a" * 300 + "/",
        "http://far.test/" + "a" * 5_000,
        "http://" + "ä" * 80 + ".test/",
    ],
)
def test_an_address_that_is_no_plain_one_is_never_resolved(address):
    with pytest.raises(web.Forbidden) as refusal:
        get(address, lambda *_: pytest.fail("resolved"))
    assert refusal.value.is_permanent


def test_a_path_cannot_become_a_second_line(serve):
    server = serve(gives())
    get(f"{server.url}/a\r\nX-Evil: 1\r\n b.png?ü=%20")
    assert heard(server)[0] == b"GET /aX-Evil:%201%20b.png?%C3%BC=%20 HTTP/1.1"


# Redirects


def test_follows_redirects_and_checks_each(serve):
    asked = []
    last = serve(gives())
    middle = serve(leads_to(f"http://last.test:{last.port}/c.png"))
    first = serve(leads_to(f"http://middle.test:{middle.port}/b.png", "301 Moved Permanently"))
    assert get(f"http://first.test:{first.port}/a.png", lambda host, _port: asked.append(host) or ["127.0.0.1"])
    assert asked == ["first.test", "middle.test", "last.test"]


@pytest.mark.parametrize("location", ["/b.png", "b.png", "?b.png", "b ü.png"])
def test_follows_a_relative_redirect(serve, location):
    assert get(f"{serve(leads_to(location), gives()).url}/a.png").content == PNG


def test_follows_three_redirects_and_no_more(serve):
    server = serve(*[leads_to("/next")] * 3, gives())
    assert get(server.url).content == PNG
    endless = serve(leads_to("/next"))
    with pytest.raises(web.Garbled):
        get(endless.url)
    assert len(endless.lines) == 4


def test_a_redirect_into_the_private_network_is_refused(serve):
    inside = serve(gives())
    outside = serve(leads_to(f"http://inside.test:{inside.port}/admin"))

    def resolve(host: str, _port: int) -> Sequence[str]:
        if host == "inside.test":
            raise web.Forbidden
        return ["127.0.0.1"]

    with pytest.raises(web.Forbidden):
        get(f"http://outside.test:{outside.port}/", resolve)
    assert inside.lines == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://a:b@far.test/", "ftp://far.test/", "http://[::1"])
def test_a_redirect_to_another_kind_of_address_is_refused(serve, location):
    with pytest.raises(web.Forbidden):
        get(serve(leads_to(location)).url)


# What it takes


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/json", "video/mp4"])
def test_the_content_of_another_type_is_not_read(serve, media_type):
    server = serve(says(response(b"", media_type, length=9_000)))
    with pytest.raises(web.Garbled):
        get(server.url)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, gzip"])
def test_squeezed_content_is_not_let_out(serve, encoding):
    with pytest.raises(web.Garbled):
        get(serve(gives(fields=f"Content-Encoding: {encoding}\r\n")).url)


@pytest.mark.parametrize("length", [-1, 20_000])
def test_content_over_the_limit_is_refused(serve, length):
    with pytest.raises(web.Garbled):
        get(serve(gives(b"a" * 20_000, length=length)).url)


def flooding(beginning: bytes, octets: bytes) -> Script:
    def flood(line: Line) -> None:
        hear_request(line)
        line.say(beginning)
        while True:
            line.say(octets)

    return flood


@pytest.mark.parametrize(
    ("beginning", "octets"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n", b"a" * 1_000),
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Field: value\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Field: ", b"a" * 1_000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 ", b"2" * 1_000),
        (b"", b"\r\n"),
    ],
)
def test_what_does_not_end_is_ended(serve, beginning, octets):
    with pytest.raises(web.Garbled):
        get(serve(flooding(beginning, octets)).url)


@pytest.mark.parametrize(
    "octets",
    [
        b"+OK POP3 ready\r\n",
        b"220 mail.test ESMTP\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n-" + b"9" * 30 + b"\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_not_http_is_garbled(serve, octets):
    with pytest.raises(web.Garbled):
        get(serve(says(octets)).url)


def test_a_cut_answer_is_not_taken_for_a_whole_one(serve):
    with pytest.raises(web.Unreachable) as cut:
        get(serve(gives(length=9_000)).url)
    assert not cut.value.is_permanent


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [("404 Not Found", True), ("403 No", True), ("304 Same", True), ("429 Slow", False), ("503 Later", False)],
)
def test_another_status_is_told_with_whether_it_may_pass(serve, status, is_permanent):
    with pytest.raises(web.Answered) as answered:
        get(serve(gives(status=status)).url)
    assert str(answered.value) == status
    assert answered.value.is_permanent is is_permanent


@given(st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", CHUNKED]), st.binary(max_size=300))
def test_whatever_comes_is_an_answer_or_a_web_error(beginning, rest):
    wire = SimpleNamespace(allowance=0, makefile=lambda *_: BytesIO(beginning + rest))
    try:
        answer = client._read(cast("Wire", wire), client._Request("GET", {}), lambda _: True, LIMITS)
    except (web.WebError, *client.MALFORMED):
        return
    assert isinstance(answer, web.Answer | client._Moved)


# Posting


def test_posts_a_body(serve):
    bodies = []

    def take(line: Line) -> None:
        hear_request(line)
        bodies.append(line._received or line.wire.recv(1_000))
        line.say(response(b"bye", "text/plain", status="202 Accepted"))

    server = serve(take)
    answer = web.post(f"{server.url}/u?1", b"a=b", "text/plain", resolve=to_loopback, limits=LIMITS)
    assert (answer.status, answer.reason) == (202, "Accepted")
    assert bodies == [b"a=b"]
    assert heard(server)[0] == b"POST /u?1 HTTP/1.1"
    assert b"Content-Length: 3" in heard(server)


def test_a_redirect_of_a_post_is_not_followed(serve):
    server = serve(leads_to("/b"))
    with pytest.raises(web.Answered) as answered:
        web.post(server.url, b"a=b", "text/plain", resolve=to_loopback, limits=LIMITS)
    assert answered.value.status == 302
    assert len(server.lines) == 1
