"""What makes the site an app that can be installed: its manifest, its service worker, and its page without a network.

All three are for everybody, signed in or not, and hold nothing of anybody.
"""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from webmail.bundles import style_paths

_LIGHT, _ACCENT = "#fdfbf8", "#b3261e"
# Browsers look for a newer worker after each page; once an hour is often enough, its files have names of their own.
_HOUR = cache_control(private=True, max_age=3600)


@login_not_required
@require_safe
@_HOUR
def manifest(_request: HttpRequest) -> HttpResponse:
    """The app by its name, its icons and its colours (W3C, Web Application Manifest)."""
    content = {
        "id": "/",
        "name": "Letterbox",
        "short_name": "Letterbox",
        "description": _("All your mail in one inbox."),
        "start_url": reverse("inbox"),
        "scope": "/",
        "display": "standalone",
        "background_color": _LIGHT,
        "theme_color": _LIGHT,
        "categories": ["productivity"],
        "icons": _icons(),
        "shortcuts": [
            _shortcut(_("Compose"), reverse("compose"), "compose"),
            _shortcut(_("Search"), reverse("search"), "search"),
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


def _icons() -> list[dict[str, str]]:
    sized = [
        {
            "src": static(f"img/app/{name}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, purpose in (("icon", "any"), ("maskable", "maskable"))
        for size in (192, 512)
    ]
    return [{"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}, *sized]


def _shortcut(name: str, url: str, icon: str) -> dict[str, object]:
    icons = [{"src": static(f"img/app/{icon}-96.png"), "sizes": "96x96", "type": "image/png"}]
    return {"name": name, "url": url, "icons": icons}


@login_not_required
@require_safe
@_HOUR
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It lies at the top, because it may look after what lies below its own address only."""
    page = render_to_string("app/offline.html", request=request)
    # One file with what it knows of this site: a file of its own would be one more request of every first visit.
    program = (settings.BASE_DIR / "static/js/worker/worker.js").read_text()
    # Another page, or another worker, is another cache: what the old one kept goes with it.
    name = hashlib.blake2s((page + program).encode(), digest_size=8).hexdigest()
    shell = {
        "name": f"letterbox-{name}",
        "page": reverse("offline"),
        "files": [static(path) for path in (*style_paths("shell"), "img/favicon.svg")],
        "icon": static("img/app/icon-192.png"),
        "badge": static("img/app/badge-96.png"),
    }
    script = f"self.shell = {json.dumps(shell)};\n{program}"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows in the place of any page while the server cannot be reached."""
    return render(request, "app/offline.html")
