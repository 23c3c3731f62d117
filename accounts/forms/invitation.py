"""The forms of an invitation: of whoever invites, and of whoever comes."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, User


class InvitationForm(forms.ModelForm):
    """Whom an operator invites."""

    class Meta:
        model = Invitation
        fields = ["address"]

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if address and User.objects.filter(email__iexact=address).exists():
            raise forms.ValidationError(_("Somebody here has that address already."))
        return address


class ArrivalForm(forms.ModelForm):
    """What an invited person is called, and the password he chooses. With a passkey he needs none."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters; several words are good."),
    )

    class Meta:
        model = User
        fields = ["username", "first_name"]
        labels = {"username": _("Name for signing in"), "first_name": _("What others see")}
        help_texts = {"username": _("Letters, digits and . _ - such as alice.")}

    def __init__(self, data: Any = None, *, address: str, with_passkey: bool = False) -> None:
        super().__init__(data, instance=User(email=address), label_suffix="")
        self.with_passkey = with_passkey
        self.fields["username"].widget.attrs.update({"autocomplete": "username", "autocapitalize": "none"})

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("Somebody is called that already. Choose another name."))
        return name

    def clean(self) -> dict[str, Any]:
        """The address is looked at once more: somebody may have taken it since."""
        if self.instance.email and User.objects.filter(email__iexact=self.instance.email).exists():
            raise forms.ValidationError(_("Somebody here has the address of this invitation already."))
        return self.cleaned_data

    def _post_clean(self) -> None:
        """Look at the password when the name is known, which it must not resemble."""
        super()._post_clean()  # type: ignore[misc]
        password = self.cleaned_data.get("password", "")
        if self.with_passkey:
            return
        try:
            validate_password(password, self.instance)
        except forms.ValidationError as error:
            self.add_error("password", error)

    def save(self, commit: bool = True) -> User:
        if self.with_passkey:
            self.instance.set_unusable_password()
        else:
            self.instance.set_password(self.cleaned_data["password"])
        saved: User = super().save(commit)
        return saved
