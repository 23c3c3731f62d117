"""The form of an address that a person writes under besides that of the account: an alias, or a whole domain."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.servers import PRINTABLE, Data
from accounts.models import Identity, MailAccount, User
from accounts.providers import provider_of, provider_serving
from accounts.senders import addresses_of_others, domain


class AliasForm(forms.ModelForm):
    """One more identity in an account of one's own."""

    class Meta:
        model = Identity
        fields = ["account", "address", "name", "is_catch_all"]
        labels = {"account": _("Account"), "name": _("Your name")}
        help_texts = {
            "account": _("Its server sends what you write under this address."),
            "address": _("Its mail should arrive in this account."),
        }

    def __init__(self, data: Data, *, owner: User) -> None:
        super().__init__(data, label_suffix="")
        self.owner = owner
        accounts = self.fields["account"]
        assert isinstance(accounts, forms.ModelChoiceField)
        accounts.queryset = MailAccount.objects.owned_by(owner)
        accounts.to_field_name = "key"
        accounts.empty_label = None
        self.fields["name"].validators.append(PRINTABLE)
        self.initial["name"] = owner.get_full_name()

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if addresses_of_others(self.owner, [address]):
            raise forms.ValidationError(_("This address belongs to somebody else here."))
        account = self.cleaned_data.get("account")
        if account and account.identities.filter(address__iexact=address).exists():
            raise forms.ValidationError(_("You write under this address already."))
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shared = domain(cleaned.get("address", ""))
        if cleaned.get("is_catch_all") and (provider_serving(shared) or provider_of(shared)):
            self.add_error("is_catch_all", _("Other people have addresses of this domain too."))
        return cleaned
