"""The form by which a browser hands over a new passkey."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class PasskeyForm(AddWebAuthnForm):
    """Every passkey can sign in by itself, so its browser must have asked who holds it."""

    passwordless = None
    name = forms.CharField(label=_("Name"), max_length=60, required=False, help_text=_("How you call this device."))

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        return super().clean()
