"""What came from strangers, each as a document of its own: a message's bodies, its files, its octets.

Nothing here may run (threats 15 to 20): the bodies are sanitised, and every answer carries a policy that forbids
scripts, forms and loading from elsewhere, whatever the sanitiser missed.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from mailbox.mime.parse import parse
from mailbox.models import Attachment, Message
from mailbox.views.remote_line import remote_of
from mailbox.views.section import paper_of_all
from mailbox.views.sheet import INLINE_TYPES, sections

# Without allow-scripts, allow-same-origin gives the document nothing but its cookies for its own images, and lets the
# page around it measure its height. Links open in tabs of their own, free of this sandbox.
_SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
_LOCKED = "default-src 'none'; script-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"


@require_safe
@xframe_options_sameorigin
def body(request: HttpRequest, key: str) -> HttpResponse:
    """Show the bodies of one message in the document that its conversation frames; `?paper=dark` turns its colours."""
    message = get_object_or_404(Message.objects.visible_to(request.user).select_related("original"), key=key)
    remote = remote_of(request, message)
    found, scheme = sections(message, remote=remote), "dark" if request.GET.get("paper") == "dark" else "light"
    context = {
        "message": message,
        "sections": [each.in_scheme(scheme) for each in found],
        "paper": paper_of_all(found),
        "is_dark": scheme == "dark",
        "has_dark_rules": any(each.has_dark_rules for each in found),
    }
    response = render(request, "mailbox/body/page.html", context)
    place = request.build_absolute_uri(reverse("conversation", args=[key]))
    response = _locked(response, policy=_body_policy(f"{place}part/ {place}remote/" if remote else f"{place}part/"))
    if any(each.remote for each in found):
        # It shows what the reader says, and that may change.
        response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def part(request: HttpRequest, key: str, index: int) -> HttpResponse:
    """Send a part as a file; `?inline` shows it, where it is of a type that cannot run."""
    messages = Message.objects.visible_to(request.user)
    attachment = get_object_or_404(
        Attachment.objects.select_related("message__original"), message__in=messages, message__key=key, part=index
    )
    content = parse(attachment.message.octets).parts[index].content()
    is_inline = "inline" in request.GET and attachment.media_type in INLINE_TYPES
    return _file(content, attachment.file_name, attachment.media_type, as_attachment=not is_inline)


@require_safe
def source(request: HttpRequest, key: str) -> HttpResponse:
    """Send the octets of a message as they were received (message/rfc822)."""
    message = get_object_or_404(Message.objects.visible_to(request.user).select_related("original"), key=key)
    return _file(message.octets, f"{key}.eml", "message/rfc822", as_attachment=True)


def _body_policy(images: str) -> str:
    sources = f"img-src {images} data:; style-src 'unsafe-inline'"
    limits = "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    return f"default-src 'none'; script-src 'none'; {sources}; {limits}; {_SANDBOX}"


def _file(content: bytes, name: str, media_type: str, *, as_attachment: bool) -> HttpResponse:
    # A type that a browser could run never leaves under its own name, even as a download.
    shown_type = media_type if media_type in INLINE_TYPES | {"message/rfc822"} else "application/octet-stream"
    if shown_type == "text/plain":
        shown_type = "text/plain; charset=utf-8"
    response = HttpResponse(content, content_type=shown_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment, name) or "attachment"
    return _locked(response, policy=_LOCKED)


def _locked(response: HttpResponse, *, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["X-DNS-Prefetch-Control"] = "off"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response
