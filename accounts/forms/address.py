"""The one field with which a new account begins."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.servers import PRINTABLE, Data
from accounts.models import User


class AddressForm(forms.Form):
    """An address, and the name to write under."""

    address = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}),
    )
    full_name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        required=False,
        validators=[PRINTABLE],
        help_text=_("Shown to the people you write to."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, data: Data, *, owner: User, address: str = "") -> None:
        super().__init__(data, label_suffix="", initial={"address": address, "full_name": owner.get_full_name()})
        self.owner = owner

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if self.owner.owned_accounts.filter(address__iexact=address).exists():
            raise forms.ValidationError(_("You have an account with this address already."))
        return address
