"""The screens on which an owner shares an account, and on which a member hides it or leaves it."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.forms.sharing import MemberForm
from accounts.models import MailAccount, Membership
from mailbox import parting

# Enough to mistype a name, too few to find out who signs in here.
TRIES_AT_ONCE = 20
TRIES_SECONDS = 300


@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: HttpRequest, key: str) -> HttpResponse:
    """Who reads an account and what each may do there; its owner adds, changes and removes."""
    found = get_object_or_404(MailAccount.objects.owned_by(request.user), key=key)
    if request.method != "POST":
        return _page(request, found, MemberForm(account=found))
    do = _DO.get(request.POST.get("do", ""))
    if do is None:
        raise Http404
    return do(request, found)


def _add(request: HttpRequest, found: MailAccount) -> HttpResponse:
    form = MemberForm(request.POST, account=found)
    if not may_try(request):
        form.add_error("person", _("That were many tries. Wait a few minutes."))
    if not form.is_valid():
        return _page(request, found, form, status=422)
    member = form.save()
    messages.success(request, _("%(person)s reads this account from now on.") % {"person": member.user})
    return redirect("sharing", found.key)


def _change(request: HttpRequest, found: MailAccount) -> HttpResponse:
    member, role = _member(request, found), request.POST.get("role", "")
    if role not in Membership.Role:
        raise Http404
    member.role = role
    # By save(), which the audit log listens to.
    member.save(update_fields=["role"])
    messages.success(request, _("What %(person)s may do is changed.") % {"person": member.user})
    return redirect("sharing", found.key)


def _remove(request: HttpRequest, found: MailAccount) -> HttpResponse:
    member = _member(request, found)
    parting.part(member)
    messages.success(request, _("%(person)s no longer reads this account.") % {"person": member.user})
    return redirect("sharing", found.key)


def _team(request: HttpRequest, found: MailAccount) -> HttpResponse:
    is_team = "is_team" in request.POST
    MailAccount.objects.filter(pk=found.pk).update(is_team=is_team)
    if is_team != found.is_team:
        audit.note(audit.What.TEAM, about=f"{found}: {'on' if is_team else 'off'}")
    messages.success(request, _("Your choice is saved."))
    return redirect("sharing", found.key)


_DO: dict[str, Callable[[HttpRequest, MailAccount], HttpResponse]] = {
    "add": _add,
    "change": _change,
    "remove": _remove,
    "team": _team,
}


def _member(request: HttpRequest, found: MailAccount) -> Membership:
    members = found.memberships.select_related("user")
    return get_object_or_404(members, user__username=request.POST.get("member", ""))


def _page(request: HttpRequest, found: MailAccount, form: MemberForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "here": "accounts",
        "mail_account": found,
        "form": form,
        "members": found.memberships.select_related("user").order_by("user__username"),
        "roles": Membership.Role.choices,
    }
    return render(request, "accounts/sharing/page.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, key: str) -> HttpResponse:
    """Ask a member whether really; by POST he reads the account no longer."""
    member = get_object_or_404(_own_memberships(request), account__key=key)
    if request.method == "POST":
        parting.part(member)
        messages.success(request, _("You no longer read %(account)s.") % {"account": member.account.address})
        return redirect("accounts")
    return render(request, "accounts/sharing/leave.html", {"here": "accounts", "member": member})


@require_POST
def hide(request: HttpRequest, key: str) -> HttpResponse:
    """Take a shared account out of the member's own lists, or put it back; it stays his to read."""
    member = get_object_or_404(_own_memberships(request), account__key=key)
    _own_memberships(request).filter(pk=member.pk).update(is_hidden=request.POST.get("hide") == "1")
    return redirect("accounts")


def _own_memberships(request: HttpRequest) -> QuerySet[Membership]:
    return Membership.objects.filter(user=cast("int", request.user.pk)).select_related("account__owner")


def may_try(request: HttpRequest) -> bool:
    """Whether the person may name somebody once more; each question counts."""
    key = f"sharing-tries:{request.user.pk}"
    count = cache.get(key, 0)
    cache.set(key, count + 1, TRIES_SECONDS)
    return count < TRIES_AT_ONCE
