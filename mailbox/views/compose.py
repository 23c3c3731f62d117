"""Write a message. Whatever the button says, what was typed is stored first."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, replace_url
from django_htmx.middleware import HtmxDetails

from accounts.models import MailAccount, User
from mailbox import answers, outbox, rich
from mailbox.forms import DraftForm
from mailbox.mime.compose import Unfit
from mailbox.models import Draft, DraftFile, Message, Outgoing
from mailbox.tabs import Stamp, key_in, twin, twin_key
from mailbox.unfit import in_words
from mailbox.uploads import attach, guards_uploads
from mailbox.views import sending
from mailbox.views.drafts import throw_away
from mailbox.views.keeping import UNSAVED, changed_elsewhere, is_of, other_person, tied
from mailbox.views.moments import NoTime, chosen, picks
from mailbox.views.reminding import Question, question
from mailbox.views.team import answers_no_more
from webmail.htmx import render_screen, wants_part
from webmail.keys import new_key

type Errors = dict[str, list[str]]

_KEY = re.compile(r"[A-Za-z0-9_-]{16}")
_ANSWERS = {"reply": Draft.Kind.REPLY, "reply-all": Draft.Kind.REPLY_ALL, "forward": Draft.Kind.FORWARD}
# What the composer calls the fields that a message calls otherwise.
_FIELDS = {"attachments": "files", "from": "account"}
# The fields that show what is wrong with them; all else is said at the top.
_MARKED = {"account", "to", "cc", "bcc", "subject", "text", "files"}


class AlreadySent(Exception):
    """The draft of this key is on its way: the button was pressed twice, or in another tab."""


@guards_uploads
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """Show an empty composer, or one prepared for an answer; by POST store what it holds, then do what is asked."""
    if request.method == "POST":
        return _act(request, request.POST.get("key", ""))
    try:
        draft, files = _prepared(request, _writer(request))
    except MailAccount.DoesNotExist:
        return render_screen(request, "mailbox/compose", "_no_account", {"here": "compose", "draft": None})
    return _composer(request, draft, files)


@guards_uploads
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Go on with a draft."""
    draft = get_object_or_404(Draft.objects.visible_to(request.user), key=key)
    return _act(request, key) if request.method == "POST" else _composer(request, draft)


def _prepared(request: HttpRequest, writer: User) -> tuple[Draft, list[DraftFile]]:
    """The draft that the address asks for, with its files; nothing of it is stored."""
    for name, kind in _ANSWERS.items():
        if name in request.GET:
            readable = Message.objects.visible_to(writer).select_related("account", "original")
            parent = get_object_or_404(readable, key=request.GET[name])
            return rich.begin(*answers.answer(parent, kind, writer).draft(new_key(), writer))
    account = answers.sending_account(writer)
    to = " ".join(request.GET.get("to", "").replace("\0", "").split())
    return rich.begin(Draft(key=new_key(), account=account, writer=writer, to=to, text=answers.blank_text(account)), [])


def _act(request: HttpRequest, key: str) -> HttpResponse:
    """Store the form in the draft of `key`, then do what the button says."""
    if not is_of(request, _writer(request)):
        return other_person(request)
    try:
        draft, errors = _stored(request, key)
        action = _send if "later" in request.POST else _ACTIONS.get(request.POST.get("do", ""), _save)
        if "files" in errors:
            return _composer(request, draft, errors=errors)
        return action(request, draft, errors)
    except AlreadySent:
        if request.POST.get("do") == "autosave":
            return HttpResponse(status=204)  # for the script: it is gone, and what was typed since is not in it
        messages.info(request, _("This message is already on its way. Nothing was sent twice."))
        response = _leave(request, reverse("outbox"))
        response.headers[UNSAVED] = "1"
        return response
    except MailAccount.DoesNotExist:
        return _without_account(request)


@transaction.atomic
def _stored(request: HttpRequest, key: str) -> tuple[Draft, Errors]:
    """The draft of `key` as it was typed, and what is wrong with it so far.

    The composer is handed out with a key and stores nothing, so a key without a draft is a new one. The row is
    locked: a second press of the same button waits here. Text that another tab has overtaken goes beside it.
    """
    stamp = Stamp.of(request.POST)
    if not Draft.objects.filter(key=key).exists() and not Draft.bring_back(key, _writer(request)):
        key = _make(request, key, _writer(request))
    draft, form = _locked(request, key)
    is_stale = stamp.is_stale(draft)
    if is_stale and (form.has_changed() or rich.has_changed(draft, request.POST)):
        draft, form = _locked(request, _make_twin(draft, stamp))
    errors: Errors = {}
    shown, html = draft.text, draft.html
    if not stamp.is_late(draft):
        errors = {name: [str(each) for each in found] for name, found in form.errors.items()}
        rich.take(draft, request.POST, shown=shown)
    if form.has_changed() or draft.html != html or request.FILES or request.POST.get("remove") or not draft.revision:
        stamp.mark(draft)
    draft.save()
    if request.POST.get("remove"):
        draft.files.filter(key__in=key_in(draft, request.POST["remove"])).delete()
    if problems := attach(draft, request.FILES.getlist("files")):
        errors["files"] = problems
    if is_stale:
        errors["versions"] = [changed_elsewhere()]
    return draft, errors


def _locked(request: HttpRequest, key: str) -> tuple[Draft, DraftForm]:
    writer = _writer(request)
    draft = get_object_or_404(Draft.objects.visible_to(writer).select_for_update(), key=key)
    return draft, DraftForm(writer, data=request.POST, instance=draft)


def _make_twin(draft: Draft, stamp: Stamp) -> str:
    key = twin_key(draft.key, stamp.tab)
    if Outgoing.objects.filter(key=key).exists():
        raise AlreadySent(key)
    return twin(draft, stamp.tab).key


def _make(request: HttpRequest, key: str, writer: User) -> str:
    """Make the draft that the form belongs to; return its key."""
    if not _KEY.fullmatch(key):
        key = new_key()
    if Outgoing.objects.filter(key=key).exists():
        raise AlreadySent(key)
    kind = request.POST.get("kind", "")
    # A parent that was deleted meanwhile must not cost the text of its answer.
    parent = Message.objects.visible_to(writer).filter(key=request.POST.get("parent", "")).first()
    chosen = MailAccount.objects.filter(key=request.POST.get("account", "").partition(" ")[0]).first()
    account = answers.sending_account(writer, chosen)
    answers.store(key, writer, account, kind=Draft.Kind(kind) if kind in Draft.Kind else Draft.Kind.NEW, parent=parent)
    return key


def _save(request: HttpRequest, draft: Draft, errors: Errors) -> HttpResponse:
    url = reverse("draft", args=[draft.key])
    return _at_address_of(draft, _composer(request, draft), request) if wants_part(request) else redirect(url)


def _switch(request: HttpRequest, draft: Draft, errors: Errors) -> HttpResponse:
    """Go on in plain text, or in rich."""
    rich.make_plain(draft) if request.POST["do"] == "plain" else rich.make_rich(draft)
    draft.save()
    return _save(request, draft, errors)


def _embed(request: HttpRequest, draft: Draft, errors: Errors) -> HttpResponse:
    """Keep pictures that were pasted or dropped into the text, and say where they are."""
    found, problems = rich.embed(draft, request.FILES.getlist("pictures"))
    pictures = [(rich.picture_address(draft, each), each.name) for each in found]
    context = {"draft": draft, "pictures": pictures, "problems": problems}
    return _at_address_of(draft, render(request, "mailbox/compose/_pictures.html", context), request)


def _autosave(request: HttpRequest, draft: Draft, errors: Errors) -> HttpResponse:
    """Say only when it was saved: what is being typed must not be touched."""
    if not wants_part(request):
        return _save(request, draft, errors)
    context = {
        "draft": draft,
        "files": draft.files.filter(content_id="").defer("octets"),
        **tied(request, _writer(request)),
    }
    response = render_screen(request, "mailbox/compose", "_autosaved", context)
    return _at_address_of(draft, response, request)


def _send(request: HttpRequest, draft: Draft, errors: Errors) -> HttpResponse:
    if errors:
        return _composer(request, draft, errors=errors)
    back = _way_back(request, draft)
    try:
        send_at = chosen(request)
        outbox.addressed(draft)
        if asks := question(request, draft, send_at):
            return _composer(request, draft, asks=asks)
        outgoing = _queue(draft, send_at)
    except NoTime as error:
        return _composer(request, draft, errors={"later": [str(error)]})
    except Unfit as unfit:
        return _composer(request, draft, errors={_FIELDS.get(unfit.field, unfit.field): [in_words(unfit)]})
    except outbox.NoServer:
        return _composer(request, draft, errors={"account": [_no_server(draft)]})
    sending.announce(request, outgoing)
    return _leave(request, back)


@transaction.atomic
def _queue(draft: Draft, send_at: datetime | None = None) -> Outgoing:
    """Queue the draft once, however often the button was pressed: its key passes to what is sent."""
    key = draft.key
    if not Draft.objects.select_for_update().filter(pk=draft.pk).exists():
        raise AlreadySent(key)
    outgoing = outbox.queue(draft, send_at=send_at, hold=timedelta(seconds=draft.writer.undo_seconds))
    outgoing.key = key
    answers_no_more(draft)
    outgoing.save(update_fields=["key"])
    return outgoing


def _discard(request: HttpRequest, draft: Draft, errors: Errors) -> HttpResponse:
    back = _way_back(request, draft)
    throw_away(request, draft)
    return _leave(request, back)


type _Action = Callable[[HttpRequest, Draft, Errors], HttpResponse]
_ACTIONS: dict[str, _Action] = {
    "save": _save,
    "autosave": _autosave,
    "send": _send,
    "discard": _discard,
    "plain": _switch,
    "rich": _switch,
    "sender": _save,
    "embed": _embed,
}


def _composer(
    request: HttpRequest,
    draft: Draft,
    files: list[DraftFile] | None = None,
    *,
    errors: Errors | None = None,
    asks: Question | None = None,
) -> HttpResponse:
    """The sheet with this draft on it; errors stand at their fields, with status 422, a question at the foot."""
    stored_files = draft.files.filter(content_id="").defer("octets") if draft.pk else []
    form = DraftForm(_writer(request), instance=draft)
    errors = errors or {}
    context = {
        "here": "compose",
        "draft": draft,
        "html": rich.shown(draft),
        "signed": form.initial["account"],
        "files": stored_files if files is None else files,
        "senders": form["account"],
        "own_domains": form.senders.domains,
        "typed_address": request.POST.get("address", "") if errors and "account" in errors else "",
        "errors": errors,
        "other_errors": [words for name, found in errors.items() if name not in _MARKED for words in found],
        "picks": picks(timezone.localtime()),
        "starts_at_to": not draft.to or "to" in errors,
        "question": asks,
        "file_limit": settings.ATTACHMENT_OCTETS_LIMIT,
        **tied(request, _writer(request)),
    }
    return render_screen(request, "mailbox/compose", "_sheet", context, status=422 if errors else 200)


def _without_account(request: HttpRequest) -> HttpResponse:
    """No draft can be stored without an account, so the text goes back to where it was typed."""
    typed = {name: request.POST.get(name, "") for name in ("to", "cc", "bcc", "subject", "text")}
    draft = Draft(key=new_key(), writer=_writer(request), **typed)
    rich.take(draft, request.POST, shown="")
    error = _("You have no account that can send. Your text is still here; copy it before you leave this page.")
    response = _composer(request, draft, [], errors={"account": [error]})
    response.headers[UNSAVED] = "1"
    return response


def _no_server(draft: Draft) -> str:
    return _(
        "%(account)s has no server for outgoing mail. Your message is kept as a draft. "
        "Choose another sender, or add the server to the account."
    ) % {"account": draft.account}


def _at_address_of(draft: Draft, response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Show the draft's own address, so that a reload finds it; a composer inside another screen leaves that alone."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if not (htmx.current_url_abs_path or "").startswith(reverse("compose")):
        return response
    return replace_url(response, reverse("draft", args=[draft.key]))


def _way_back(request: HttpRequest, draft: Draft) -> str:
    """Where the person came from: the conversation that is answered, else the inbox."""
    parent = draft.parent
    if parent and Message.objects.visible_to(request.user).filter(pk=parent.pk).exists():
        return reverse("conversation", args=[parent.key])
    return reverse("inbox")


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if wants_part(request) else redirect(url)


def _writer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return request.user
