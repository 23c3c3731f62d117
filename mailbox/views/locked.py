"""Answers that hold a stranger's octets: nothing in them may run, load or look like ours (threats 15 to 20)."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from mailbox.views.sending_files import Sending

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


def download(
    request: HttpRequest, pieces: Iterable[bytes], name: str, *, media_type: str = ANY_TYPE
) -> HttpResponseBase:
    """Return an answer that a browser saves under `name`; 503 while too many large files are on their way."""
    sending = Sending.of(pieces, request.user.pk or 0)
    return file(sending, name, media_type=media_type) if sending else full(request)


def inline(request: HttpRequest, pieces: Iterable[bytes], name: str, *, media_type: str) -> HttpResponseBase:
    """Return an answer that a browser shows, or 503; `media_type` is one that cannot run (`mime.shown`)."""
    sending = Sending.of(pieces, request.user.pk or 0)
    return file(sending, name, media_type=media_type, as_attachment=False) if sending else full(request)


def full(request: HttpRequest) -> HttpResponse:
    """Say that a file cannot leave now."""
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "60"
    response["Cache-Control"] = "no-store"
    return response


def file(sending: Sending, name: str, *, media_type: str, as_attachment: bool = True) -> StreamingHttpResponse:
    """Return the answer that sends a file."""
    response = StreamingHttpResponse(sending, content_type=media_type)
    response["Content-Length"] = str(sending.size)
    response["Content-Disposition"] = content_disposition_header(as_attachment, name) or "attachment"
    return locked(response)
