"""The screens of a person's mail accounts and settings."""

from typing import Any, cast

from django.contrib import messages
from django.core.cache import cache
from django.db import IntegrityError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import aliases, audit, setting_up
from accounts.audit import What
from accounts.confirming import confirmed
from accounts.forms import AccountForms, DeleteAccountForm, IdentityFormSet, SettingsForm
from accounts.health import Health, health_of
from accounts.models import HandOver, Identity, MailAccount, Membership, RemoteMaildrop, User
from accounts.oauth import can_come_back
from accounts.oauth.standing import standing_of
from accounts.providers import provider_of
from mailbox import checkup, judges, outbox, quotas
from mailbox.models import PullLog
from webmail.celery import wake
from webmail.htmx import render_screen, wants_part

require_form = require_http_methods(["GET", "HEAD", "POST"])

# Each test logs in twice at servers that a person names: enough to find a typing error, too few to scan a network.
TESTS_AT_ONCE = 20
TESTS_SECONDS = 300


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """A person's own accounts with their health, and those that others share."""
    visible = MailAccount.objects.visible_to(request.user).select_related("remote_maildrop")
    own = [account for account in visible if account.owner_id == request.user.pk]
    members = Membership.objects.filter(user=cast("User", request.user)).select_related("account__owner")
    context = {
        "here": "accounts",
        "own": [(account, _health(account)) for account in own],
        "space": quotas.limited(cast("User", request.user)),
        "offers": HandOver.objects.made_to(request.user).select_related("account__owner"),
        "shared": members.order_by("account__created_at", "account") if len(own) < len(visible) else [],
    }
    return render_screen(request, "accounts/list", "_list", context)


@require_form
def account(request: HttpRequest, key: str = "") -> HttpResponse:
    """A new account, or one that is changed. A new one begins with its address, unless somebody types the servers."""
    if not key and request.method != "POST" and "by-hand" not in request.GET:
        return setting_up.start(request)
    forms = _forms(request, key)
    if not (forms.is_bound and forms.is_valid()):
        return _form_page(request, forms=forms, status=422 if forms.is_bound else 200)
    is_new = not key
    try:
        saved = forms.save()
    except IntegrityError:
        # The same form came twice at the same moment, and the other one made the account.
        return redirect("accounts")
    _begin(saved, forms)
    audit.note(What.ACCOUNT_ADDED if is_new else What.ACCOUNT_CHANGED, person=saved.owner, about=saved.address)
    if forms.has_dropped_grant:
        audit.note(What.GRANT_ENDED, person=saved.owner, about=saved.address)
    messages.success(request, _("%(account)s is saved.") % {"account": saved.address})
    return setting_up.leave(request, saved, is_new=is_new)


def _begin(saved: MailAccount, forms: AccountForms) -> None:
    """Try at once what was typed: collect, and send what waits where that may go through now."""
    wake("pull_maildrop", saved.remote_maildrop.pk)
    if forms.submission.is_cured:
        outbox.retry_all(saved)


@require_POST
def try_servers(request: HttpRequest, key: str = "") -> HttpResponse:
    """Log in to both servers as the form names them, and change nothing."""
    forms = _forms(request, key)
    is_valid = forms.is_valid()
    context: dict[str, Any] = {"is_test": True, "faults": forms.faults, "forms": forms}
    if is_valid and not _may_test(request):
        context["is_too_often"] = True
    elif is_valid:
        context["checkup"] = checkup.check(forms.maildrop.instance, forms.submission.instance)
    if wants_part(request):
        return render(request, "accounts/form/_tried.html", context)
    return _form_page(request, status=200 if is_valid else 422, **context)


@require_safe
def recent_mode(request: HttpRequest) -> HttpResponse:
    """The switch for Gmail's `recent:`, if the server that is being typed knows it. Nothing is asked of that server."""
    forms = AccountForms(MailAccount(owner=cast("User", request.user)), request.GET)
    return render(request, "accounts/form/_recent.html", {"form": forms.maildrop})


@require_POST
def check_now(request: HttpRequest, key: str) -> HttpResponse:
    """Look for new mail at once."""
    found = _own_account(request, key)
    maildrop = getattr(found, "remote_maildrop", None)
    if maildrop:
        maildrop.check_now()
        wake("pull_maildrop", maildrop.pk)
    return _health_part(request, found) if wants_part(request) else redirect("accounts")


@require_safe
def health(request: HttpRequest, key: str) -> HttpResponse:
    """How the pulls of one account go: asked for again and again while one runs."""
    found = _own_account(request, key)
    return _health_part(request, found) if wants_part(request) else redirect("accounts")


@require_POST
def notice_seen(request: HttpRequest, key: str) -> HttpResponse:
    """Put a notice away that its reader has seen; one that came meanwhile stays."""
    found = _own_account(request, key)
    seen = RemoteMaildrop.objects.filter(account=found, notice=request.POST.get("notice", ""))
    seen.update(notice="", notice_count=0)
    return _health_part(request, _own_account(request, key)) if wants_part(request) else redirect("accounts")


@require_safe
def pull_log(request: HttpRequest, key: str) -> HttpResponse:
    """What the latest pulls of one account did."""
    found = _own_account(request, key)
    maildrop = getattr(found, "remote_maildrop", None)
    pulls = maildrop.log.all()[: PullLog.KEPT] if maildrop else []
    context = {"here": "accounts", "mail_account": found, "health": _health(found), "pulls": pulls}
    return render_screen(request, "accounts/log", "_log", context)


@require_form
@confirmed
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Say what would be lost, and delete the account when its address is typed."""
    found = _own_account(request, key)
    form = DeleteAccountForm(request.POST if request.method == "POST" else None, account=found)
    if form.is_bound and form.is_valid():
        found.delete()
        audit.note(What.ACCOUNT_DELETED, person=found.owner, about=found.address)
        messages.success(request, _("%(account)s and its mail are deleted.") % {"account": found.address})
        return redirect("accounts")
    context = {"here": "accounts", "mail_account": found, "form": form, "message_count": found.messages.count()}
    return render(request, "accounts/delete/page.html", context, status=422 if form.is_bound else 200)


@require_form
def settings(request: HttpRequest) -> HttpResponse:
    """Name, language and time zone, and the ways to the rest."""
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=cast("User", request.user))
    if form.is_bound and form.is_valid():
        user = form.save()
        with translation.override(user.language or translation.get_language()):
            messages.success(request, _("Your settings are saved."))
        return redirect("settings")
    context = {"here": "settings", "form": form, "space": quotas.space_of(cast("User", request.user))}
    return render(request, "accounts/settings/page.html", context, status=422 if form.is_bound else 200)


@require_form
def identities(request: HttpRequest) -> HttpResponse:
    """The names and signatures that a person writes under."""
    own = (
        Identity.objects.filter(account__in=MailAccount.objects.owned_by(request.user))
        .select_related("account")
        .annotate(identity_count=Count("account__identities"))
        .order_by("account", "id")
    )
    formset = IdentityFormSet(request.POST if request.method == "POST" else None, queryset=own)
    if formset.is_bound and formset.is_valid():
        formset.save()
        messages.success(request, _("Your names and signatures are saved."))
        aliases.prefer(request)
        return redirect("identities")
    context = {"here": "settings", "formset": formset}
    return render(request, "accounts/identities/page.html", context, status=422 if formset.is_bound else 200)


def _own_account(request: HttpRequest, key: str) -> MailAccount:
    """Only the owner changes an account; to everybody else it does not exist."""
    own = MailAccount.objects.owned_by(request.user)
    return get_object_or_404(own.select_related("remote_maildrop", "submission_server"), key=key)


def _forms(request: HttpRequest, key: str) -> AccountForms:
    found = _own_account(request, key) if key else _new_account(cast("User", request.user))
    if not key:
        # The first run begins with it.
        found.address = request.GET.get("address", "")[:254]
    return AccountForms(found, request.POST if request.method == "POST" else None)


def _new_account(user: User) -> MailAccount:
    return MailAccount(owner=user, colour=setting_up.next_colour(user))


def _form_page(request: HttpRequest, *, forms: AccountForms, status: int, **more: Any) -> HttpResponse:
    found = forms.about.instance
    more.setdefault("proposed_judge", "" if forms.is_bound else judges.proposed(found))
    more["known_judge"] = _known_judge(found)
    more |= {"standing": standing_of(found), "can_leave": can_come_back(request)}
    context = {"here": "accounts", "forms": forms, "mail_account": found, "health": _health(found), **more}
    if not found.pk and request.POST.get("by") == setting_up.FOUND:
        context |= {"by": setting_up.FOUND, "is_over": True, "is_open": True, "address": forms.about["address"].value()}
        return render(request, "accounts/new/page.html", context, status=status)
    return render(request, "accounts/form/page.html", context, status=status)


def _health(found: MailAccount) -> Health | None:
    maildrop = getattr(found, "remote_maildrop", None) if found.pk else None
    return health_of(maildrop, timezone.now()) if maildrop else None


def _known_judge(found: MailAccount) -> str:
    """Return the name of the provider whose findings about senders are believed without asking; "" for others."""
    provider = provider_of(found.remote_maildrop.host) if found.pk and hasattr(found, "remote_maildrop") else None
    return provider.name if provider and provider.judges else ""


def _health_part(request: HttpRequest, found: MailAccount) -> HttpResponse:
    return render(request, "accounts/list/_health.html", {"mail_account": found, "health": _health(found)})


def _may_test(request: HttpRequest) -> bool:
    key = f"account-tests:{request.user.pk}"
    count = cache.get(key, 0)
    cache.set(key, count + 1, TESTS_SECONDS)
    return count < TESTS_AT_ONCE
