"""Images from elsewhere: the reader's word on them, and the proxy through which alone they come.

The web process asks no stranger. It notes what is wanted, a worker loads it, and the answer waits for a moment.
"""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from mailbox import remote_images
from mailbox.models import Message, RemoteImage, TrustedSender
from mailbox.views.conversation import sheet_part
from mailbox.views.remote_line import address_there, hide_images, images_of, is_plain_sender, show_images
from mailbox.views.sheet import Sheet, open_sheet
from webmail.htmx import wants_part

# One image waits shorter than a page that comes without scripts, which gets only this one chance.
_IMAGE_SECONDS = 1.5
_PAGE_SECONDS = 4.0
_POLICY = "default-src 'none'; script-src 'none'; sandbox"


@require_POST
def remote_choice(request: HttpRequest, key: str) -> HttpResponse:
    """Show the images of a message `once` or those of its sender `always`, or show `none` of both."""
    message = get_object_or_404(Message.objects.visible_to(request.user).select_related("original"), key=key)
    sheet, choice = open_sheet(message, ()), request.POST.get("images")
    assert sheet.parsed
    if choice == "none":
        _hide(request, message)
    elif choice == "once" or (choice == "always" and is_plain_sender(sheet.parsed.header)):
        _show(request, sheet, is_always=choice == "always")
    else:
        return HttpResponseBadRequest(_("Say whose images are to be shown."))
    if wants_part(request):
        return sheet_part(request, message)
    return redirect(f"{reverse('conversation', args=[key])}#sheet-{key}")


def _show(request: HttpRequest, sheet: Sheet, *, is_always: bool) -> None:
    if is_always:
        TrustedSender.trust(_reader(request), sheet.message.sender_address)
    else:
        show_images(request.session, sheet.message.key)
    wanted = images_of(sheet.remote)
    remote_images.want(wanted)
    if not wants_part(request):
        remote_images.await_images(wanted, seconds=_PAGE_SECONDS)


def _hide(request: HttpRequest, message: Message) -> None:
    TrustedSender.distrust(_reader(request), message.sender_address)
    hide_images(request.session, message.key)


@require_safe
def remote_image(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Send an image of a message that lies elsewhere; 202 while it is on its way, 204 when it is not to be had."""
    get_object_or_404(Message.objects.visible_to(request.user).only("pk"), key=key)
    address = address_there(key, token)
    if address is None:
        raise Http404
    row = RemoteImage.objects.at([address]).first()
    if row is None or not row.is_settled:
        remote_images.want([address])
        row = next(iter(remote_images.await_images([address], seconds=_IMAGE_SECONDS)), None)
    return _image(row)


def _image(row: RemoteImage | None) -> HttpResponse:
    # Browsers show the text beside an image for both, and the log of the web server is spared.
    if row is None or not row.is_settled:
        response = HttpResponse(status=202, headers={"Cache-Control": "no-store"})
    elif not row.is_here:
        response = HttpResponse(status=204, headers={"Cache-Control": "private, max-age=300"})
    else:
        response = HttpResponse(bytes(row.octets), content_type=row.media_type)
        response["Cache-Control"] = "private, max-age=86400"
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Disposition"] = "inline"
    return response


@require_safe
def trusted_senders(request: HttpRequest) -> HttpResponse:
    """The senders whose images this person always wants to see."""
    return _trusted(request)


@require_POST
def distrust(request: HttpRequest) -> HttpResponse:
    """Ask again before the images of one sender are shown."""
    TrustedSender.distrust(_reader(request), request.POST.get("address", ""))
    return _trusted(request) if wants_part(request) else redirect("trusted_senders")


def _trusted(request: HttpRequest) -> HttpResponse:
    context = {"here": "settings", "trusted": _reader(request).trusted_senders.all()}
    name = "_list" if wants_part(request) else "page"
    return render(request, f"mailbox/trusted/{name}.html", context)


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return request.user
