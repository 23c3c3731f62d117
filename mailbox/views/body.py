"""The bodies of a message, as a document of its own.

Nothing here may run (threats 15 to 20): the bodies are sanitised, and the answer carries a policy that forbids scripts,
forms and loading from elsewhere, whatever the sanitiser missed.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from mailbox.mime.language import language_of
from mailbox.mime.places import Places
from mailbox.views.asked import visible_message
from mailbox.views.locked import locked
from mailbox.views.remote_line import remote_of
from mailbox.views.section import paper_of_all, sections

# Without allow-scripts, allow-same-origin gives the document nothing but its cookies for its own images, and lets the
# page around it measure its height. Links open in tabs of their own, free of this sandbox.
_SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"


@require_safe
@xframe_options_sameorigin
def body(request: HttpRequest, key: str, places: Places = ()) -> HttpResponse:
    """Show the bodies of one message, or of the one inside it at `places`, in the document that a page frames.

    `?paper=dark` turns its colours.
    """
    message = visible_message(request.user, key, with_document=True)
    remote = remote_of(request, message, places)
    found = sections(message, places=places, remote=remote)
    outlines = [each.outline for each in found]
    scheme = "dark" if request.GET.get("paper") == "dark" else "light"
    context = {
        "message": message,
        "language": language_of(message.preview or message.subject),
        "sections": [each.in_scheme(scheme) for each in found],
        "paper": paper_of_all(outlines),
        "is_dark": scheme == "dark",
        "has_dark_rules": any(each.has_dark_rules for each in found),
    }
    response = render(request, "mailbox/body/page.html", context)
    place = request.build_absolute_uri(reverse("conversation", args=[key]))
    response = locked(response, policy=_body_policy(f"{place}part/ {place}remote/" if remote else f"{place}part/"))
    if any(each.remote for each in outlines):
        # It shows what the reader says, and that may change.
        response["Cache-Control"] = "private, no-cache"
    return response


def _body_policy(images: str) -> str:
    sources = f"img-src {images} data:; style-src 'unsafe-inline'"
    limits = "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    return f"default-src 'none'; script-src 'none'; {sources}; {limits}; {_SANDBOX}"
