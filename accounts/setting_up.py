"""A new account: its address is typed, its servers are found step by step, and only then a password is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts import moving
from accounts.forms import AccountForms
from accounts.forms.address import AddressForm
from accounts.models import MailAccount, User
from accounts.oauth import can_come_back, server_for
from accounts.providers import provider_of
from mailbox import finding
from mailbox.finding import Came, Outcome, Servers, Step
from webmail.htmx import wants_part

# Steps of searches: enough for a family's addresses in one sitting, too few to have a network asked by us.
STEPS_AT_ONCE = 240
STEPS_SECONDS = 300
# A form that says so comes from the page of a search, and goes back there.
FOUND = "found"


@dataclass(frozen=True, slots=True)
class Line:
    """A step as it is shown."""

    title: str
    sentence: str
    is_good: bool = False

    @classmethod
    def of(cls, outcome: Outcome) -> "Line":
        is_good = outcome.came in {Came.FOUND, Came.KNOWN}
        return cls(finding.title(outcome.step), finding.sentence(outcome), is_good)


def start(request: HttpRequest) -> HttpResponse:
    """The page with the one field."""
    form = AddressForm(None, owner=cast("User", request.user), address=request.GET.get("address", "")[:254])
    return render(request, "accounts/new/page.html", {"here": "accounts", "form": form})


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look for the servers of an address: the next step for htmx, all of them for a browser without scripts."""
    form = AddressForm(request.POST, owner=cast("User", request.user))
    if not form.is_valid():
        name = "_start" if wants_part(request) else "page"
        return render(request, f"accounts/new/{name}.html", {"here": "accounts", "form": form}, status=422)
    if not wants_part(request):
        return _whole(request, form)
    step = _step(request)
    outcomes = [finding.take(step, form.cleaned_data["address"])] if _may_look(request, 1) else []
    context = _context(request, form, outcomes)
    return render(request, f"accounts/new/{'_search' if step == Step.FACTS else '_taken'}.html", context)


def _whole(request: HttpRequest, form: AddressForm) -> HttpResponse:
    may_look = _may_look(request, len(Step))
    outcomes = list(finding.find(form.cleaned_data["address"])) if may_look else []
    return render(request, "accounts/new/page.html", {"here": "accounts", **_context(request, form, outcomes)})


def _step(request: HttpRequest) -> Step:
    named = request.POST.get("step", "")
    return Step(named) if named in set(Step) else Step.FACTS


def _context(request: HttpRequest, form: AddressForm, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What a search shows so far; no outcomes: too many searches."""
    following = finding.after(outcomes[-1].step) if outcomes and not outcomes[-1].is_last else None
    context = {
        "form": form,
        "address": form.cleaned_data["address"],
        "lines": [Line.of(each) for each in outcomes],
        "following": following,
        "following_title": finding.title(following) if following else "",
        "is_over": following is None,
    }
    return context if following else context | _result(request, form, outcomes)


def _result(request: HttpRequest, form: AddressForm, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What the search came to: servers to fill in, or the reason why there are none."""
    address = form.cleaned_data["address"]
    found = outcomes[-1].servers if outcomes and outcomes[-1].is_last else None
    servers = found or Servers(provider=finding.known_provider(address))
    return {
        "servers": servers,
        "provider": servers.provider,
        "is_offline": bool(outcomes) and not found and finding.is_offline(address),
        "is_too_often": not outcomes,
        "is_open": not (servers.pop3 and servers.smtp),
        "forms": filled_forms(cast("User", request.user), form, servers, label=moving.label_for(request, address)),
        "by": FOUND,
        **sign_in_at(request, servers),
    }


def sign_in_at(request: HttpRequest, servers: Servers) -> dict[str, Any]:
    """Whose people's servers these are, and how they sign in there; nothing where no client is registered."""
    provider = servers.provider or (provider_of(servers.pop3.host) if servers.pop3 else None)
    is_certain = bool(provider and provider.is_certain)
    sign_in = server_for(provider) if is_certain else None
    return {"sign_in_at": provider, "sign_in": sign_in, "can_leave": can_come_back(request)}


def filled_forms(owner: User, form: AddressForm, servers: Servers, *, label: str = "") -> AccountForms:
    """Return the form of a new account with everything that is known; the password is what is left to type."""
    address = form.cleaned_data["address"]
    forms = AccountForms(MailAccount(owner=owner, colour=next_colour(owner), address=address))
    forms.about.initial.update(full_name=form.cleaned_data["full_name"], arrival_label=label)
    login = servers.login if servers.login != address else ""
    forms.maildrop.initial.update(_initial(servers.pop3), login=login)
    forms.submission.initial.update(_initial(servers.smtp))
    if servers.smtp_login and servers.smtp_login != (servers.login or address):
        forms.submission.initial.update(same_login=False, login=servers.smtp_login)
    return forms


def leave(request: HttpRequest, saved: MailAccount, *, is_new: bool) -> HttpResponse:
    """Go where a person wants to be once an account is saved."""
    if is_new and moving.is_listed(request, saved.address):
        return redirect("move")
    if is_new and not saved.owner.owned_accounts.exclude(pk=saved.pk).exists():
        return redirect("arriving", saved.key)
    return redirect("accounts")


def next_colour(owner: User) -> int:
    return owner.owned_accounts.count() % MailAccount.COLOUR_COUNT


def _initial(place: finding.Place | None) -> dict[str, Any]:
    return {"host": place.host, "port": place.port, "security": place.security} if place else {}


def _may_look(request: HttpRequest, count: int) -> bool:
    key = f"account-searches:{request.user.pk}"
    before = cache.get(key, 0)
    cache.set(key, before + count, STEPS_SECONDS)
    return before < STEPS_AT_ONCE
