"""How django-allauth behaves in this installation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import confirming, post

# What a notice says has happened, by the prefix under which allauth would keep a letter for each.
_EVENTS = {
    "account/email/email_changed": _("The address for signing in and for new passwords was changed."),
    "account/email/password_changed": _("The password was changed."),
    "account/email/password_reset": _("A new password was chosen through a link."),
    "account/email/password_set": _("A password was set."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made; the old ones are void."),
    "mfa/email/totp_activated": _("Codes from an app are asked for when you sign in."),
    "mfa/email/totp_deactivated": _("Codes from an app are not asked for any more when you sign in."),
    "mfa/email/webauthn_added": _("A passkey was added."),
    "mfa/email/webauthn_removed": _("A passkey was removed."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: the operator adds or invites people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("security")

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        return super().is_reauthentication_required(app=app, **options) and not confirming.is_confirmed(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": words[method["id"]]} for method in methods]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person what was changed, in one letter for all changes."""
        told = {**(context or {}), "event": _EVENTS.get(template_prefix, "")}
        address = email or getattr(user, "email", "")
        if told["event"]:
            super().send_notification_mail("account/email/notice", user, told, address)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in another thread: how long it takes tells nobody whether an address is known."""
        if settings.WRITES_LETTERS and email:
            post.send_soon(self.render_mail(template_prefix, email, {**context, "request": self.request}))

    def format_email_subject(self, subject: str) -> str:
        return f"Letterbox: {subject}"
