"""The operator's pages for people and accounts. Passwords go in and never come out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    Grant,
    Identity,
    LocalMaildrop,
    MailAccount,
    Membership,
    RemoteMaildrop,
    RemoteServer,
    SubmissionServer,
)
from accounts.panel import audit_log, people
from accounts.panel.local import DomainFilter
from accounts.panel.moments import moment, written
from accounts.panel.noting import NotedAdmin
from accounts.panel.pulls import AccountHealthFilter, HealthFilter, PullsAdmin, maildrop_of
from mailbox import outbox

__all__ = ["audit_log", "people"]


class SecretField(forms.CharField):
    """A password that is rendered as nothing."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        help_text = _("Never shown. Empty: keeps the stored one.")
        super().__init__(**{"required": False, "strip": False, "widget": widget, "help_text": help_text, **options})


class ServerForm(forms.ModelForm):
    """A mail server with its login; an empty password keeps what is stored."""

    password = SecretField(label=_("Password"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # The stored one itself, not a copy: an unreadable secret carries its token.
        self.stored_password = self.instance.password
        self.initial["password"] = ""

    def clean_password(self) -> str:
        return self.cleaned_data["password"] or self.stored_password

    def save(self, commit: bool = True) -> RemoteServer:
        """Write what was changed only: a pull that runs meanwhile writes the other columns."""
        if not (commit and self.instance.pk):
            return super().save(commit)
        self.instance.save(update_fields=self.written)
        return self.instance

    @property
    def written(self) -> list[str]:
        return self.changed_data


class RemoteMaildropForm(ServerForm):
    """A certificate that was accepted by its fingerprint does not go along to another server."""

    def clean(self) -> dict[str, Any] | None:
        if self.has_moved:
            self.instance.fingerprint = ""
        return super().clean()

    @property
    def has_moved(self) -> bool:
        return not {"host", "port", "security"}.isdisjoint(self.changed_data)

    @property
    def written(self) -> list[str]:
        return [*self.changed_data, *(["fingerprint"] if self.has_moved else [])]


class ServerInline(admin.StackedInline):
    form = ServerForm
    extra = 0
    max_num = 1


class RemoteMaildropInline(ServerInline):
    model = RemoteMaildrop
    form = RemoteMaildropForm
    can_delete = False
    fields = [
        ("host", "port", "security", "may_be_private"),
        ("login", "password"),
        ("mode", "delete_after_days", "leave_newest", "is_recent"),
        ("preview_over_mb", "every_minutes", "is_paused"),
    ]


class SubmissionServerInline(ServerInline):
    model = SubmissionServer
    fields = [
        ("host", "port", "security", "may_be_private"),
        ("login", "password"),
        ("connections_limit", "messages_per_minute"),
    ]


class IdentityInline(admin.StackedInline):
    model = Identity
    fields = [("name", "address", "is_default", "is_catch_all")]
    extra = 0


class MembershipInline(admin.StackedInline):
    """Who reads the mail is for its owner to say: else the operator could make himself a reader."""

    model = Membership
    fields = [("user", "role")]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: MailAccount | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MailAccount | None = None) -> bool:
        return False


@admin.register(MailAccount)
class MailAccountAdmin(PullsAdmin):
    """Who reads which address, on which servers, and how its pulls go."""

    list_display = ["address", "name", "owner", "health", "in_words", "last_look", "next_look"]
    list_filter = [AccountHealthFilter]
    list_select_related = ["owner", "remote_maildrop"]
    search_fields = ["address", "name", "owner__username"]
    fields = [("address", "name"), ("owner", "colour")]
    inlines = [RemoteMaildropInline, SubmissionServerInline, IdentityInline, MembershipInline]

    def get_readonly_fields(self, request: HttpRequest, obj: MailAccount | None = None) -> list[str]:
        """An account changes hands only by its owner, and with its mail (`handing_over`)."""
        return ["owner"] if obj else []

    def save_model(self, request: HttpRequest, obj: MailAccount, form: forms.ModelForm, change: bool) -> None:
        """Write what was changed only: a delivery that runs meanwhile counts the revision up."""
        obj.save(update_fields=form.changed_data if change else None)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """A password that is typed here takes the place of a sign-in at the provider, and may let go what waits."""
        super().save_related(request, form, formsets, change)
        account = MailAccount.objects.get(pk=form.instance.pk)
        Grant.drop_unused(account)
        if any(each.has_changed() for each in formsets if each.model is SubmissionServer):
            outbox.retry_all(account)

    @admin.display(description=_("Last look"), ordering="remote_maildrop__last_pulled_at")
    def last_look(self, account: MailAccount) -> SafeString | None:
        maildrop = maildrop_of(account)
        return written(maildrop.last_pulled_at) if maildrop else None

    @admin.display(description=_("Next look"), ordering="remote_maildrop__due_at")
    def next_look(self, account: MailAccount) -> SafeString | None:
        maildrop = maildrop_of(account)
        return written(maildrop.due_at) if maildrop and not maildrop.is_paused else None


@admin.register(RemoteMaildrop)
class RemoteMaildropAdmin(PullsAdmin):
    """How the pulls go; the servers are changed at their account."""

    list_display = [
        *("account", "owner", "health", "in_words"),
        *(moment(RemoteMaildrop, "last_pulled_at"), moment(RemoteMaildrop, "due_at")),
        *("failure_count", "host"),
    ]
    list_filter = [HealthFilter, "mode"]
    list_select_related = ["account__owner"]
    search_fields = ["account__address", "host", "login"]
    ordering = ["-failure_count", "due_at"]
    fields = readonly_fields = (
        *("account", "host", "port", "security", "login", "mode", "every_minutes", "is_paused"),
        *("health", "in_words", "due_at", "failure_count", "last_error", "last_pulled_at", "last_success_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RemoteMaildrop | None = None) -> bool:
        # Only with its account: without it the ids of what was retrieved would be lost, and all of it come again.
        return False

    @admin.display(description=_("Owner"), ordering="account__owner__username")
    def owner(self, maildrop: RemoteMaildrop) -> str:
        return str(maildrop.account.owner)


class LocalMaildropForm(forms.ModelForm):
    """The password that POP3 and SMTP clients log in with; only its hash is stored."""

    new_password = SecretField(label=_("New password"))

    def clean_new_password(self) -> str:
        typed: str = self.cleaned_data["new_password"]
        if typed:
            validate_password(typed)
        elif not self.instance.password:
            raise forms.ValidationError(_("A new maildrop needs a password."))
        return typed

    def save(self, commit: bool = True) -> LocalMaildrop:
        if self.cleaned_data["new_password"]:
            self.instance.set_password(self.cleaned_data["new_password"])
        saved: LocalMaildrop = super().save(commit)
        return saved


@admin.register(LocalMaildrop)
class LocalMaildropAdmin(NotedAdmin):
    """Addresses of this server's own domains."""

    form = LocalMaildropForm
    list_display = ["address", "owner", "account", moment(LocalMaildrop, "created_at", _("Since"))]
    list_filter = [DomainFilter]
    list_select_related = ["owner", "account"]
    search_fields = ["address", "owner__username"]
    fields = ["address", "owner", "account", "new_password"]
