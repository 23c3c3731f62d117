"""Names the style sheet of a page in its header, so that browsers ask for it before they read the page (RFC 8288)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static

from webmail.bundles import style_paths

# The head of a page links its sheets within so many octets.
_HEAD = 3_000


class PreloadMiddleware:
    """Sends `Link` with every page that links the sheet of the shell, which parts and mail's own documents do not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.headers.get("Content-Type", "").startswith("text/html"):
            sheet = static(style_paths("shell")[0])
            if f'href="{sheet}"'.encode() in response.content[:_HEAD]:
                response.headers["Link"] = f"<{sheet}>; rel=preload; as=style"
        return response
