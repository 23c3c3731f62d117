"""What the operator does about pulls: look now, pause, resume, try the servers, forget what was retrieved."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.health import health_of
from accounts.models import MailAccount, RemoteMaildrop, SubmissionServer
from accounts.panel.noting import NotedAdmin
from accounts.troubles import Trouble
from mailbox import checkup, forgetting
from webmail.celery import wake

# Each try may take half a minute.
TESTED_AT_ONCE = 3


class HealthFilter(admin.SimpleListFilter):
    """Accounts by how their pulls go; `path` leads from the listed row to the maildrop."""

    title = _("health")
    parameter_name = "health"
    path = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("good", _("good")),
            ("failing", _("failing")),
            ("paused", _("paused")),
            ("full", _("no room left")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        paused, failed = Q(**{f"{self.path}is_paused": True}), Q(**{f"{self.path}failure_count__gt": 0})
        full = Q(**{f"{self.path}trouble": Trouble.FULL}) & ~paused & ~failed
        there = Q(**{f"{self.path}is_paused__isnull": False})
        good = there & ~paused & ~failed & ~full
        conditions = {"good": good, "failing": failed & ~paused, "paused": paused, "full": full}
        condition = conditions.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class AccountHealthFilter(HealthFilter):
    path = "remote_maildrop__"


class PullsAdmin(NotedAdmin):
    """Columns and actions of whatever has a remote maildrop: the maildrop itself, or its account."""

    actions = ["pull_now", "pause", "resume", "try_servers", "forget_uidls"]

    def maildrops(self, rows: QuerySet[Any]) -> list[RemoteMaildrop]:
        accounts = rows.values("pk") if rows.model is MailAccount else rows.values("account")
        return list(RemoteMaildrop.objects.filter(account__in=accounts).select_related("account__owner"))

    @admin.display(description=_("Health"))
    def health(self, row: Any) -> str:
        maildrop = maildrop_of(row)
        return str(health_of(maildrop, timezone.now()).state.label) if maildrop else "-"

    @admin.display(description=_("What is wrong"))
    def in_words(self, row: Any) -> str:
        maildrop = maildrop_of(row)
        return health_of(maildrop, timezone.now()).trouble if maildrop else ""

    @admin.action(description=_("Check now"), permissions=["change"])
    def pull_now(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        chosen = self.maildrops(rows)
        for maildrop in chosen:
            maildrop.check_now()
            wake("pull_maildrop", maildrop.pk)
        self.note_action("check now", chosen)
        words = ngettext("%(count)d maildrop is pulled now.", "%(count)d maildrops are pulled now.", len(chosen))
        messages.success(request, words % {"count": len(chosen)})

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        chosen = self.maildrops(rows)
        RemoteMaildrop.objects.filter(pk__in=[each.pk for each in chosen]).update(is_paused=True)
        self.note_action("pause", chosen)
        words = ngettext("%(count)d account is paused.", "%(count)d accounts are paused.", len(chosen))
        messages.success(request, words % {"count": len(chosen)})

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        chosen = [each for each in self.maildrops(rows) if each.is_paused]
        for maildrop in chosen:
            maildrop.check_now()
            wake("pull_maildrop", maildrop.pk)
        self.note_action("resume", chosen)
        words = ngettext(
            "%(count)d account is collected again.", "%(count)d accounts are collected again.", len(chosen)
        )
        messages.success(request, words % {"count": len(chosen)})

    @admin.action(description=_("Test the connection"), permissions=["change"])
    def try_servers(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Log in to both servers of a few accounts, and change nothing."""
        chosen = self.maildrops(rows)[:TESTED_AT_ONCE]
        for maildrop in chosen:
            for host, finding in tried(maildrop):
                level = messages.SUCCESS if finding.is_good else messages.ERROR
                told = f"{maildrop.account}, {host}: {finding.sentence} {finding.words}".strip()
                messages.add_message(request, level, told)
        self.note_action("test", chosen)

    @admin.action(description=_("Forget what was retrieved…"), permissions=["change"])
    def forget_uidls(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """Ask first; then forget the unique-ids of the chosen maildrops."""
        chosen = self.maildrops(rows)
        if not request.POST.get("is_sure"):
            return self._warning(request, chosen)
        forgotten = [each for each in chosen if forgetting.forget_uidls(each, timezone.now())]
        self.note_action("forget what was retrieved", forgotten)
        if busy := len(chosen) - len(forgotten):
            words = ngettext(
                "%(count)d account is being collected now. Try again when that is over.",
                "%(count)d accounts are being collected now. Try again when that is over.",
                busy,
            )
            messages.error(request, words % {"count": busy})
        words = ngettext("Forgotten for %(count)d account.", "Forgotten for %(count)d accounts.", len(forgotten))
        messages.success(request, words % {"count": len(forgotten)})
        return None

    def _warning(self, request: HttpRequest, maildrops: list[RemoteMaildrop]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Forget what was retrieved"),
            "opts": self.opts,
            "maildrops": maildrops,
            "selected": request.POST.getlist("_selected_action"),
        }
        return TemplateResponse(request, "admin/forget_uidls.html", context)


def maildrop_of(row: MailAccount | RemoteMaildrop) -> RemoteMaildrop | None:
    return row if isinstance(row, RemoteMaildrop) else getattr(row, "remote_maildrop", None)


def tried(maildrop: RemoteMaildrop) -> list[tuple[str, checkup.Finding]]:
    """Try the servers of an account; return what came of each, by its host."""
    submission = SubmissionServer.objects.filter(account=maildrop.account_id).first()
    if submission is None:
        return [(maildrop.host, checkup.check_collecting(maildrop))]
    found = checkup.check(maildrop, submission)
    return [(maildrop.host, found.pop3), (submission.host, found.smtp)]
