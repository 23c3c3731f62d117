"""The parts of an account's form that name its servers, and the passwords for them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import UnreadableSecret
from accounts.hosts import MAIL_PORTS, HostError, HostRefused, checked_address
from accounts.models import RemoteMaildrop, RemoteServer, Security, SubmissionServer
from accounts.providers import provider_of
from accounts.sealed import seal, unseal

Mode = RemoteMaildrop.Mode

SECURITIES = [
    (Security.TLS, _("TLS (recommended)")),
    (Security.STARTTLS, _("STARTTLS")),
    (Security.NONE, _("None (unsafe)")),
]
IMAP_PORTS = frozenset({143, 993})
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
# A line end in a login would start a command of its own.
PRINTABLE = RegexValidator(r"^[^\x00-\x1f\x7f]*$", _("This holds a character that cannot be sent."))

type Data = Mapping[str, Any] | None


class KeptPasswordInput(forms.PasswordInput):
    """Shows no password, ever. One that was typed and is not saved yet comes back sealed, in a hidden field beside."""

    user_pk = 0

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        return data.get(name) or unseal(data.get(f"{name}-sealed", ""), user_pk=self.user_pk)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        shown = super().render(name, None, attrs, renderer)
        if not value:
            return shown
        sealed = seal(value, user_pk=self.user_pk)
        return format_html('{}<input type="hidden" name="{}-sealed" value="{}">', shown, name, sealed)


class ServerForm(forms.ModelForm):
    """What the forms of both servers share: a port by default, a host that is checked, a password that is kept.

    A stored password is kept only for the very server it was typed for: whoever gets hold of an open session must not
    have it sent to a server of his own.
    """

    default_ports: Mapping[str, int]

    class Meta:
        fields: Sequence[str] = ()

    host = forms.CharField(label=_("Server"), max_length=253, validators=[PRINTABLE])
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, required=False, help_text=_("Empty: the usual one.")
    )
    security = forms.ChoiceField(label=_("Encryption"), choices=SECURITIES, initial=Security.TLS)
    login = forms.CharField(label=_("Login"), max_length=254, required=False, validators=[PRINTABLE])
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        required=False,
        strip=False,
        validators=[PRINTABLE],
        widget=KeptPasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Data, *, instance: RemoteServer, prefix: str, user_pk: int) -> None:
        super().__init__(data, instance=instance, prefix=prefix, label_suffix="")
        self.stored_password = instance.password
        self.stored_place = (instance.host, instance.port, instance.security) if instance.pk else None
        self.stored_grant = instance.grant if instance.pk else None
        self.initial["password"] = ""
        self.initial["port"] = instance.port or None
        self.fields["password"].widget.user_pk = user_pk
        for name in ("host", "login"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}

    @property
    def has_stored_password(self) -> bool:
        return bool(self.stored_password)

    @property
    def is_password_lost(self) -> bool:
        return isinstance(self.stored_password, UnreadableSecret)

    @property
    def is_typed_password_kept(self) -> bool:
        """Whether a password that was typed before comes back sealed."""
        return self.is_bound and bool(self["password"].value())

    @property
    def has_moved(self) -> bool:
        """Whether the form names another server than the one stored; the password does not go along."""
        cleaned = self.cleaned_data
        return self.stored_place != (cleaned.get("host"), cleaned.get("port"), cleaned.get("security"))

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("port") is None and "port" in cleaned and "security" in cleaned:
            cleaned["port"] = self.default_ports[cleaned["security"]]
        if self.has_moved:
            self.instance.may_be_private = False
            self._check_host()
        return cleaned

    def _check_host(self) -> None:
        host, port = self.cleaned_data.get("host"), self.cleaned_data.get("port")
        if not host or not port:
            return
        try:
            checked_address(host, port)
        except HostError as error:
            self.add_error("host", str(error))
            if isinstance(error, HostRefused) and port not in MAIL_PORTS:
                self.add_error("port", _port_words(port))

    def kept_password(self) -> str:
        """Return the password that was typed, else the stored one; adds an error where that must not be kept."""
        typed: str = self.cleaned_data.get("password", "")
        if typed or "password" in self.errors:
            return typed
        if self.has_moved and (self.has_stored_password or self.stored_grant):
            self.add_error("password", _("Type the password again: it goes to another server now."))
        return self.stored_password

    def save(self, commit: bool = True) -> RemoteServer:
        """Write the columns of this form only: a pull that runs meanwhile writes the others."""
        if commit:
            self.instance.save(update_fields=self.written if self.instance.pk else None)
        return self.instance

    @property
    def written(self) -> list[str]:
        """The columns that this form decides."""
        return [*self.Meta.fields, "may_be_private"]


class MaildropForm(ServerForm):
    """Where mail is collected, how often, and what stays there."""

    default_ports = {Security.TLS: 995, Security.STARTTLS: 110, Security.NONE: 110}
    # The number that matters in each of these modes only.
    numbers = {"delete_after_days": Mode.DELETE_AFTER, "leave_newest": Mode.LEAVE_NEWEST}

    mode = forms.ChoiceField(
        label=_("On the server"), choices=Mode.choices, initial=Mode.KEEP, widget=forms.RadioSelect
    )
    delete_after_days = forms.IntegerField(
        label=_("Days to keep a message there"), min_value=1, max_value=3650, required=False
    )
    leave_newest = forms.IntegerField(
        label=_("Messages to leave there"), min_value=1, max_value=1_000_000, required=False
    )
    is_recent = forms.BooleanField(
        label=_("Recent mode: collect the last 30 days, also what other programs have collected"),
        required=False,
        help_text=_("Gmail otherwise hides what another program has collected. Nothing is deleted there."),
    )
    preview_over_mb = forms.IntegerField(
        label=_("Only preview messages over … MB"),
        min_value=1,
        max_value=500,
        required=False,
        help_text=_("Of a larger message the beginning is collected, and the rest when you ask for it."),
    )
    every_minutes = forms.IntegerField(label=_("Minutes between two looks"), min_value=1, max_value=1440)
    # A certificate that is accepted now, and for which server: "tls://pop.example.org:995 " and the SHA-256 in hex.
    certificate = forms.CharField(required=False, widget=forms.HiddenInput)
    forgets_certificate = forms.BooleanField(label=_("Forget it"), required=False)

    class Meta(ServerForm.Meta):
        model = RemoteMaildrop
        fields = [
            *("host", "port", "security", "login", "password"),
            *("mode", "delete_after_days", "leave_newest", "is_recent", "preview_over_mb", "every_minutes"),
        ]

    def __init__(
        self, data: Data, *, about: forms.BaseForm, instance: RemoteMaildrop, prefix: str, user_pk: int
    ) -> None:
        super().__init__(data, instance=instance, prefix=prefix, user_pk=user_pk)
        self.about = about
        self.stored_fingerprint = instance.fingerprint
        self.fields["login"].help_text = _("Empty: the address.")

    @property
    def has_recent_mode(self) -> bool:
        """Whether the server that is named here knows `recent:`, or the person has switched it on for this one."""
        provider = provider_of(self["host"].value() or "")
        return bool(provider and provider.has_recent_mode) or bool(self.initial.get("is_recent"))

    @property
    def certificate_place(self) -> str:
        """The server that a certificate is accepted for, as `certificate` begins."""
        named = self.instance
        return f"{named.security}://{named.host}:{named.port}"

    @property
    def written(self) -> list[str]:
        return [*super().written, "fingerprint"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["login"] = cleaned.get("login") or getattr(self.about, "cleaned_data", {}).get("address", "")
        cleaned["password"] = self.kept_password()
        is_known = cleaned["password"] or self.is_password_lost or self.stored_grant
        if not is_known and "password" not in self.errors:
            self.add_error("password", _("Type the password of this mailbox."))
        self._keep_numbers()
        cleaned["is_recent"] = bool(cleaned.get("is_recent")) and self._knows_recent_mode()
        self.instance.fingerprint = self._accepted_fingerprint()
        return cleaned

    def _keep_numbers(self) -> None:
        """Each matters in one mode only; in the others, and when none is given, it stays what it was."""
        for name, mode in self.numbers.items():
            if self.cleaned_data.get("mode") != mode:
                self.errors.pop(name, None)
        for name in (*self.numbers, "preview_over_mb"):
            if name not in self.errors and not self.cleaned_data.get(name):
                self.cleaned_data[name] = self.initial[name]

    def _knows_recent_mode(self) -> bool:
        provider = provider_of(self.cleaned_data.get("host", ""))
        return bool(provider and provider.has_recent_mode) or (self.initial["is_recent"] and not self.has_moved)

    def _accepted_fingerprint(self) -> str:
        """Return that of the certificate which is accepted from now on; it never goes along to another server."""
        cleaned = self.cleaned_data
        place, _space, fingerprint = cleaned.get("certificate", "").rpartition(" ")
        named = f"{cleaned.get('security')}://{cleaned.get('host')}:{cleaned.get('port')}"
        if place == named and _FINGERPRINT.fullmatch(fingerprint):
            return fingerprint
        return "" if self.has_moved or cleaned.get("forgets_certificate") else self.stored_fingerprint


class SubmissionForm(ServerForm):
    """Where mail is submitted; most providers take the login of the maildrop there too."""

    default_ports = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 587}

    same_login = forms.BooleanField(label=_("Same login and password as above"), required=False)

    class Meta(ServerForm.Meta):
        model = SubmissionServer
        fields = ["host", "port", "security", "login", "password"]

    def __init__(
        self, data: Data, *, maildrop: MaildropForm, instance: SubmissionServer, prefix: str, user_pk: int
    ) -> None:
        super().__init__(data, instance=instance, prefix=prefix, user_pk=user_pk)
        self.maildrop = maildrop
        stored = maildrop.instance.login, maildrop.stored_password
        self.initial["same_login"] = not instance.pk or (instance.login, self.stored_password) == stored
        self.fields["login"].help_text = _("Empty: the server asks for none.")

    @property
    def is_cured(self) -> bool:
        """Whether what the server turned down before may be taken now: something about it was typed, here or above."""
        above = {"login", "password"} if self.cleaned_data["same_login"] else frozenset()
        return self.has_changed() or not above.isdisjoint(self.maildrop.changed_data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("same_login"):
            self._take_login_of_maildrop()
        else:
            cleaned["password"] = self.kept_password() if cleaned.get("login") else ""
            is_known = cleaned["password"] or self.is_password_lost or self.stored_grant
            if cleaned.get("login") and not is_known and not self.errors:
                self.add_error("password", _("Type the password of this login."))
        return cleaned

    def _take_login_of_maildrop(self) -> None:
        above = self.maildrop
        if not above.is_valid():
            return
        self.cleaned_data |= {"login": above.cleaned_data["login"], "password": above.cleaned_data["password"]}
        is_stored = not above["password"].value()
        was_same = self.instance.pk and self.stored_password == above.stored_password
        if is_stored and (self.has_moved or not was_same):
            above.add_error("password", _("Type the password again: it goes to another server now."))


def _port_words(port: int) -> str:
    if port in IMAP_PORTS:
        return gettext("This port is for IMAP. Letterbox collects mail by POP3, usually on port 995 or 110.")
    return gettext("This port is not one of those for mail.")
