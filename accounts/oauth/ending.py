"""How a sign-in ends: tried on the mail server with the very tokens, then saved, or told why not."""

from typing import Any, cast

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import audit, moving, setting_up
from accounts.models import Grant, MailAccount, User
from accounts.oauth import joining, pending
from accounts.oauth.joining import Places
from accounts.oauth.pending import Pending
from accounts.oauth.servers import AuthorizationServer
from accounts.oauth.words import Failure, sentence
from mailbox import checkup, outbox
from mailbox.checkup import Finding
from mailbox.token_endpoint import Tokens
from webmail.celery import wake
from webmail.htmx import wants_part


def finish(request: HttpRequest, begun: Pending, server: AuthorizationServer, tokens: Tokens) -> HttpResponse:
    """Give the account its tokens if they open its mailbox: who signed in there may have another address."""
    pending.forget(request)
    account = _account(request, begun)
    provider = joining.provider_called(begun.provider, begun.server)
    if account is None or not (account.pk or provider):
        return failed(request, Failure.STALE, server=server, begun=begun)
    if not _is_enough(server, tokens):
        return failed(request, Failure.TOO_LITTLE, server=server, begun=begun)
    places = joining.new_places(provider, begun.address) if provider else joining.places_of(account, begun.server)
    issued = (tokens.access_token, tokens.refresh_token, tokens.expires_at)
    grant = joining.new_grant(begun.server, places.maildrop.login, tokens=issued, is_public=bool(begun.device_code))
    tried = checkup.check(places.maildrop, places.submission, grant=grant).pop3
    if tried.is_refused:
        return failed(request, Failure.OTHER_ADDRESS, server=server, begun=begun, finding=tried)
    return _saved(request, account, places, grant, begun=begun, server=server)


def failed(
    request: HttpRequest,
    failure: Failure,
    *,
    server: AuthorizationServer | None = None,
    begun: Pending | None = None,
    words: str = "",
    finding: Finding | None = None,
) -> HttpResponse:
    """Say in plain words that nothing came of it, and what to do next. The sign-in is over."""
    pending.forget(request)
    name, address = (server.label if server else ""), (begun.address if begun else "")
    context: dict[str, Any] = {
        "here": "accounts",
        "failure": failure,
        "sentence": sentence(failure, server=name, address=address),
        "server": server,
        "begun": begun,
        "words": words or (finding.words if finding else ""),
        "advice": finding.advice if finding else "",
    }
    part = "_failed" if wants_part(request) else "failed"
    status = 400 if failure == Failure.STALE and not wants_part(request) else 200
    return render(request, f"accounts/sign_in/{part}.html", context, status=status)


def _account(request: HttpRequest, begun: Pending) -> MailAccount | None:
    """Return the account that it was begun for, as it is to be; None where it is gone, or never was his."""
    user = cast("User", request.user)
    if begun.account_key:
        own = MailAccount.objects.owned_by(user).select_related("remote_maildrop", "submission_server")
        return own.filter(key=begun.account_key, remote_maildrop__isnull=False).first()
    label = moving.label_for(request, begun.address)
    colour = setting_up.next_colour(user)
    return MailAccount(owner=user, address=begun.address, name=begun.address, colour=colour, arrival_label=label)


def _is_enough(server: AuthorizationServer, tokens: Tokens) -> bool:
    """Whether mail may be read by them, and for longer than an hour."""
    granted = tokens.scope.lower().split()
    return bool(tokens.refresh_token) and (not granted or server.scopes[0].lower() in granted)


def _saved(
    request: HttpRequest,
    account: MailAccount,
    places: Places,
    grant: Grant,
    *,
    begun: Pending,
    server: AuthorizationServer,
) -> HttpResponse:
    is_new = account.pk is None
    try:
        joining.join(account, places, grant, full_name=begun.full_name)
    except IntegrityError:
        # The account was added in another window meanwhile.
        return redirect("accounts")
    if is_new:
        audit.note(audit.What.ACCOUNT_ADDED, person=account.owner, about=account.address)
    audit.note(audit.What.GRANTED, person=account.owner, about=f"{account.address}: {server.name}")
    wake("pull_maildrop", places.maildrop.pk)
    outbox.retry_all(account)
    words = _("You are signed in at %(server)s, and %(account)s is collected.")
    messages.success(request, words % {"server": server.label, "account": account.address})
    return setting_up.leave(request, account, is_new=is_new)
