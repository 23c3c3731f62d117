"""Answers that hold a stranger's octets: nothing in them may run, load or look like ours (threats 15 to 20)."""

from collections.abc import Iterable

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

# Chromium shows a PDF under this policy, as the document of a tab: its viewer is an extension in a process of its own.
LOCKED = "default-src 'none'; script-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
# A type that a browser could run never leaves under its own name, even as a download.
ANY_TYPE = "application/octet-stream"


def locked[Response: HttpResponseBase](response: Response, *, policy: str = LOCKED) -> Response:
    """Return `response` with the headers that keep what is in it from doing anything."""
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["X-DNS-Prefetch-Control"] = "off"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def download(pieces: Iterable[bytes], name: str, *, media_type: str = ANY_TYPE) -> StreamingHttpResponse:
    """Return an answer that a browser saves under `name`, in pieces of which only one is in memory."""
    return _file(pieces, name, media_type, as_attachment=True)


def inline(pieces: Iterable[bytes], name: str, *, media_type: str) -> StreamingHttpResponse:
    """Return an answer that a browser shows; `media_type` is one that cannot run (`mime.shown`)."""
    return _file(pieces, name, media_type, as_attachment=False)


def _file(pieces: Iterable[bytes], name: str, media_type: str, *, as_attachment: bool) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment, name) or "attachment"
    return locked(response)
