"""Pages leave compressed where nobody can learn from their length what stands in them (`docs/first-load.md`)."""

import secrets

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# The highest that takes no longer than gzip: 2 ms for a page of fifty rows, a tenth smaller.
_QUALITY = 5
# Below this many octets there is nothing to gain.
_LEAST = 200
# Up to so many octets are added to a length, as Django does for gzip.
_PADDING = 100


class CompressionMiddleware(GZipMiddleware):
    """Brotli or gzip for whole texts that pages of this site ask for, with padding of a random length.

    Not for streams, which are files and exports and have their own form already, nor for what is saved as a file.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress the answer, or leave it as it is."""
        if not isinstance(response, HttpResponse) or not _may_shrink(response) or not asks_for_itself(request):
            return response
        if "br" in _accepted(request):
            return _with_brotli(response)
        return super().process_response(request, response)


def asks_for_itself(request: HttpRequest) -> bool:
    """Whether a page of this site or a person asks, and no other site's page, which could try words and weigh answers.

    Browsers say so themselves (W3C, Fetch Metadata), on HTTPS and on loopback. On a line without TLS all can be read
    anyway; a browser with TLS that says nothing gets its pages uncompressed.
    """
    site = request.headers.get("Sec-Fetch-Site")
    return site in {"same-origin", "none"} if site else not request.is_secure()


def _may_shrink(response: HttpResponse) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    is_text = kind.startswith("text/") or kind.endswith(("/json", "+json", "/javascript"))
    is_whole = not response.has_header("Content-Disposition") and not response.has_header("Content-Encoding")
    return is_text and is_whole and len(response.content) >= _LEAST


def _accepted(request: HttpRequest) -> set[str]:
    return {each.partition(";")[0].strip() for each in request.headers.get("Accept-Encoding", "").split(",")}


def _with_brotli(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Accept-Encoding"])
    response.content = brotli.compress(response.content, quality=_QUALITY)
    response.headers["Content-Encoding"] = "br"
    response.headers["Content-Length"] = str(len(response.content))
    # Brotli has no room for it inside; on an encrypted line, headers and content are one length.
    response.headers["X-Padding"] = secrets.token_hex(_PADDING // 2)[: secrets.randbelow(_PADDING) + 1]
    return response
