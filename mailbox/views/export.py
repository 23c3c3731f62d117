"""Settings > Export: a person's mail packed into a file, watched while it is made, downloaded, deleted."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.confirming import confirmed
from accounts.forms.servers import Data
from accounts.models import MailAccount, User
from mailbox.models import Export, Label
from mailbox.models.export import KEPT, MOST
from mailbox.transfer import packing
from mailbox.views.locked import file as sent
from mailbox.views.sending_files import Sending
from webmail.htmx import render_screen, wants_part


class ExportForm(forms.Form):
    """What is to be packed, and how; only what is the person's own can be chosen."""

    what = forms.ChoiceField(label=gettext_lazy("What"))
    form = forms.ChoiceField(
        label=gettext_lazy("How"), choices=Export.Form.choices, initial=Export.Form.MBOX, widget=forms.RadioSelect
    )

    def __init__(self, data: Data, owner: User) -> None:
        super().__init__(data, label_suffix="")
        accounts = MailAccount.objects.owned_by(owner)
        labels = Label.objects.visible_to(owner).order_by("name")
        self._chosen: dict[str, dict[str, Any]] = {"all": {}}
        self._chosen |= {f"account-{each.key}": {"account": each} for each in accounts}
        self._chosen |= {f"label-{each.key}": {"label": each} for each in labels}
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        choices: list[Any] = [("all", _("All mail of your accounts"))]
        choices += _group(_("One account"), [(f"account-{each.key}", each.address) for each in accounts])
        what.choices = choices + _group(_("One label"), [(f"label-{each.key}", each.name) for each in labels])

    def chosen(self) -> dict[str, Any]:
        """Return the columns of the export that was asked for."""
        return self._chosen[self.cleaned_data["what"]] | {"form": self.cleaned_data["form"]}


def _group(name: str, choices: list[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(name, choices)] if choices else []


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def export(request: HttpRequest) -> HttpResponse:
    """The form, and what was packed today; htmx gets the list alone, again and again while one is made."""
    owner = cast("User", request.user)
    form = ExportForm(request.POST if request.method == "POST" else None, owner)
    found = list(Export.objects.of(owner).current(timezone.now()).select_related("account", "label").order_by("-pk"))
    if form.is_bound and form.is_valid():
        if len(found) >= MOST:
            messages.warning(request, _("Delete one of your downloads first: there may be %d at once.") % MOST)
        else:
            packing.begin(owner, **form.chosen())
            audit.note(audit.What.EXPORT, about=form.chosen().get("account") or "")
        return redirect("export")
    context = {
        "here": "settings",
        "form": form,
        "exports": found,
        "is_moving": any(each.is_under_way for each in found),
        "hours": int(KEPT.total_seconds() // 3600),
    }
    return render_screen(request, "mailbox/export", "_list", context, status=422 if form.is_bound else 200)


@require_safe
@confirmed
def export_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """Send the file to the person whose mail it holds, as long as its day lasts."""
    now = timezone.now()
    found = get_object_or_404(Export.objects.of(request.user).current(now), key=key, state=Export.State.READY)
    try:
        packed = found.path.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    sending = Sending.begin(packed, request.user.pk or 0)
    if sending is None:
        messages.warning(request, _("Large files are on their way already. Try again in a few minutes."))
        return redirect("export")
    audit.note(audit.What.EXPORT, about=f"{found.name} downloaded")
    response = sent(sending, found.name, media_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def export_delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete the file, or stop the packing."""
    get_object_or_404(Export.objects.of(request.user), key=key).remove()
    return _list_again(request) if wants_part(request) else redirect("export")


def _list_again(request: HttpRequest) -> HttpResponse:
    """Return the list again after one of its buttons was pressed."""
    found = list(Export.objects.of(request.user).current(timezone.now()).select_related("account", "label"))
    context = {"exports": found[::-1], "is_moving": any(each.is_under_way for each in found)}
    return render_screen(request, "mailbox/export", "_list", context)
