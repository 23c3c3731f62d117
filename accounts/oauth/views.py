"""The screens of signing in to a mail account at its provider: there and back, or by a code on another device."""

import time
from dataclasses import replace
from typing import cast

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.confirming import confirmed
from accounts.forms.address import AddressForm
from accounts.models import MailAccount, User
from accounts.oauth import joining
from accounts.oauth.coming_back import can_come_back, redirect_uri
from accounts.oauth.ending import failed, finish
from accounts.oauth.errors import SignInAway
from accounts.oauth.pending import Pending
from accounts.oauth.servers import AuthorizationServer, server_for, server_named
from accounts.oauth.words import Failure
from accounts.providers import provider_of
from mailbox import token_endpoint
from mailbox.token_endpoint import Declined
from webmail.htmx import render_screen, wants_part

# Each begins with a question to the provider, or ends with one to its mail server.
TRIES_AT_ONCE = 20
TRIES_SECONDS = 300


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A new account whose person signs in at his provider."""
    form = AddressForm(request.POST, owner=cast("User", request.user))
    server = server_named(request.POST.get("server", ""))
    provider = joining.provider_called(request.POST.get("provider", ""), server.name) if server else None
    if server is None or not server.is_ready or provider is None:
        raise Http404
    if not form.is_valid():
        return render(request, "accounts/new/page.html", {"here": "accounts", "form": form}, status=422)
    about = {"address": form.cleaned_data["address"], "full_name": form.cleaned_data["full_name"]}
    return _leave(request, server, Pending(server.name, provider=provider.name, **about))


@confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, key: str) -> HttpResponse:
    """An account that there is: its person signs in for the first time, or once more."""
    own = MailAccount.objects.owned_by(request.user).select_related("remote_maildrop")
    account = get_object_or_404(own, key=key, remote_maildrop__isnull=False)
    server = server_for(provider_of(account.remote_maildrop.host))
    if request.method != "POST" or server is None:
        context = {"here": "accounts", "mail_account": account, "server": server, "can_leave": can_come_back(request)}
        return render(request, "accounts/sign_in/page.html", context)
    return _leave(request, server, Pending(server.name, address=account.address, account_key=account.key))


@require_safe
@never_cache
def back(request: HttpRequest, server: str) -> HttpResponse:
    """The provider sends a person back (RFC 6749, 4.1.2): a GET that acts, and only on the state that he left with."""
    begun, found = Pending.of(request), server_named(server)
    is_answer = begun and begun.server == server and begun.is_answered_by(request.GET.get("state", ""))
    if begun is None or found is None or not is_answer or begun.device_code:
        return failed(request, Failure.STALE, server=found)
    code, error = request.GET.get("code", ""), request.GET.get("error", "")
    if error or not code:
        failure = Failure.DENIED if error == "access_denied" else Failure.DECLINED
        return failed(request, failure, server=found, begun=begun, words=_words(error))
    try:
        tokens = token_endpoint.exchange(found, code, verifier=begun.verifier, redirect_uri=begun.redirect_uri)
    except SignInAway as trouble:
        return failed(request, Failure.AWAY, server=found, begun=begun, words=str(trouble))
    except Declined as refusal:
        return failed(request, Failure.DECLINED, server=found, begun=begun, words=str(refusal))
    return finish(request, begun, found, tokens)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_code(request: HttpRequest) -> HttpResponse:
    """The code to type on another device; a POST asks whether that has been done."""
    begun = Pending.of(request)
    server = server_named(begun.server) if begun else None
    if begun is None or server is None or not begun.device_code:
        return failed(request, Failure.STALE, server=server)
    if request.method != "POST" or time.time() < begun.asks_at:
        return _waiting(request, server, begun)
    answer = _asked(request, server, begun)
    is_left = wants_part(request) and answer.status_code in {301, 302}
    return HttpResponseClientRedirect(answer["Location"]) if is_left else answer


def _leave(request: HttpRequest, server: AuthorizationServer, begun: Pending) -> HttpResponse:
    """Send a person to his provider, or give him a code to take there."""
    if not _may_try(request):
        return failed(request, Failure.TOO_OFTEN, server=server, begun=begun)
    if "code" in request.POST and server.device_endpoint:
        return _give_code(request, server, begun)
    begun = replace(begun, redirect_uri=redirect_uri(request, server.name))
    begun.keep(request)
    target = server.authorization_request(
        state=begun.state, challenge=begun.challenge, redirect_uri=begun.redirect_uri, address=begun.address
    )
    context = {"here": "accounts", "server": server, "target": target}
    # Not a redirect: the policy's form-action holds for those, and providers send people on to pages of others.
    response = render(request, "accounts/sign_in/leaving.html", context)
    response["Refresh"] = f"0; url={target}"
    return response


def _give_code(request: HttpRequest, server: AuthorizationServer, begun: Pending) -> HttpResponse:
    try:
        given = token_endpoint.ask_device_code(server)
    except SignInAway as trouble:
        return failed(request, Failure.AWAY, server=server, begun=begun, words=str(trouble))
    except Declined as refusal:
        return failed(request, Failure.DECLINED, server=server, begun=begun, words=str(refusal))
    now = time.time()
    replace(
        begun,
        device_code=given.device_code,
        user_code=given.user_code,
        verification_uri=given.verification_uri,
        interval=given.interval,
        asks_at=now + given.interval,
        ends_at=now + given.lifetime,
    ).keep(request)
    return redirect("oauth_by_code")


def _asked(request: HttpRequest, server: AuthorizationServer, begun: Pending) -> HttpResponse:
    """Ask once whether the code was typed (RFC 8628, 3.5)."""
    try:
        tokens = token_endpoint.poll_device(server, begun.device_code)
    except SignInAway:
        # The code is as good as before.
        return _wait(request, server, begun)
    except Declined as refusal:
        slower = {"authorization_pending": 0, "slow_down": 5}.get(refusal.code)
        if slower is not None:
            return _wait(request, server, replace(begun, interval=begun.interval + slower))
        failures = {"expired_token": Failure.TOO_LATE, "access_denied": Failure.DENIED}
        failure = failures.get(refusal.code, Failure.DECLINED)
        return failed(request, failure, server=server, begun=begun, words=str(refusal))
    return finish(request, begun, server, tokens)


def _wait(request: HttpRequest, server: AuthorizationServer, begun: Pending) -> HttpResponse:
    if time.time() >= begun.ends_at:
        return failed(request, Failure.TOO_LATE, server=server, begun=begun)
    begun = replace(begun, asks_at=time.time() + begun.interval)
    begun.keep(request)
    return _waiting(request, server, begun)


def _waiting(request: HttpRequest, server: AuthorizationServer, begun: Pending) -> HttpResponse:
    context = {"here": "accounts", "server": server, "begun": begun, "has_asked": request.method == "POST"}
    return render_screen(request, "accounts/sign_in/by_code", "_waiting", context)


def _words(error: str) -> str:
    return "".join(letter for letter in error if letter.isprintable())[:100]


def _may_try(request: HttpRequest) -> bool:
    key = f"oauth-tries:{request.user.pk}"
    count = cache.get(key, 0)
    cache.set(key, count + 1, TRIES_SECONDS)
    return count < TRIES_AT_ONCE
