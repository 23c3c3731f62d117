"""The forms into which codes are typed: digits alone, so that a phone shows those."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms

_DIGITS = {"inputmode": "numeric", "autocomplete": "one-time-code"}


class _OfDigits(forms.Form):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["code"].widget
        field.attrs = _DIGITS | {"maxlength": "12"}

    def clean_code(self) -> Any:
        """Codes are shown in groups, and typed so."""
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"].split())
        return super().clean_code()  # type: ignore[misc]


class SignInCodeForm(_OfDigits, AuthenticateForm):
    """At the door, after the password."""


class ConfirmingCodeForm(_OfDigits, ReauthenticateForm):
    """Before what concerns security."""


class FirstCodeForm(_OfDigits, ActivateTOTPForm):
    """The proof that the app has read the secret."""
