"""Pages leave compressed, but not for other sites' pages, and files as they are."""

import gzip
from typing import Any

import brotli
import pytest
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from webmail.compression import CompressionMiddleware

LONG = "<p>Words that come again and again.</p>" * 50


def answered(
    response: HttpResponseBase, *, secure: bool = False, accepts: str = "gzip, deflate, br, zstd", **headers: str
) -> HttpResponseBase:
    request = RequestFactory().get("/", secure=secure, headers={"Accept-Encoding": accepts, **headers})
    found = CompressionMiddleware(lambda _request: response)(request)
    assert isinstance(found, HttpResponseBase)
    return found


def is_compressed(response: HttpResponseBase) -> bool:
    return "Content-Encoding" in response.headers


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_compresses_for_pages_of_this_site_and_for_typed_addresses(site: str):
    response: Any = answered(HttpResponse(LONG), secure=True, **{"Sec-Fetch-Site": site})

    assert is_compressed(response)
    assert brotli.decompress(response.content).decode() == LONG
    assert response.headers["Content-Length"] == str(len(response.content))
    assert "Accept-Encoding" in response.headers["Vary"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("secure", [True, False])
def test_compresses_nothing_that_another_site_asks_for(site: str, secure: bool):
    assert not is_compressed(answered(HttpResponse(LONG), secure=secure, **{"Sec-Fetch-Site": site}))


def test_believes_a_silent_browser_only_where_all_can_be_read_anyway():
    assert is_compressed(answered(HttpResponse(LONG)))
    assert not is_compressed(answered(HttpResponse(LONG), secure=True))


def test_a_browser_without_brotli_gets_gzip_and_one_without_both_the_text():
    response: Any = answered(HttpResponse(LONG), accepts="gzip, deflate")

    assert gzip.decompress(response.content).decode() == LONG
    assert not is_compressed(answered(HttpResponse(LONG), accepts="identity"))


@pytest.mark.parametrize("accepts", ["gzip", "br"])
def test_the_length_of_an_answer_differs_from_time_to_time(accepts: str):
    answers: list[Any] = [answered(HttpResponse(LONG), accepts=accepts) for _ in range(40)]

    assert len({len(each.content) + len(each.headers.get("X-Padding", "")) for each in answers}) > 5


@pytest.mark.parametrize(
    "response",
    [
        StreamingHttpResponse([LONG], content_type="text/html"),
        FileResponse([LONG.encode()], content_type="text/plain"),
        HttpResponse(LONG, content_type="text/plain", headers={"Content-Disposition": "attachment"}),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse(LONG, content_type="message/rfc822"),
    ],
    ids=["stream", "file", "saved", "picture", "message"],
)
def test_leaves_files_and_streams_as_they_are(response: HttpResponseBase):
    assert not is_compressed(answered(response))


def test_compresses_other_texts_too():
    assert is_compressed(answered(JsonResponse({"words": LONG})))
    assert is_compressed(answered(JsonResponse({"words": LONG}, content_type="application/manifest+json")))


@pytest.mark.django_db
def test_the_inbox_and_the_sign_in_page_leave_compressed(client: Client, alice):
    headers = {"Accept-Encoding": "gzip"}
    assert is_compressed(client.get("/account/login/", headers=headers))
    client.force_login(alice)
    assert is_compressed(client.get("/", headers=headers))
    assert not is_compressed(client.get("/live/", headers=headers))
