"""A whole page or only its part, from one view and one context."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part. When it restores a page from history, it needs the whole."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def render_screen(
    request: HttpRequest, screen: str, part: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render `templates/<screen>/page.html`, or for htmx only `templates/<screen>/<part>.html`.

    The answer depends on the header, so a cache must keep both: `Vary: HX-Request`.
    """
    name = part if wants_part(request) else "page"
    response = render(request, f"{screen}/{name}.html", dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response
