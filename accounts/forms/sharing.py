"""Sharing an account: with whom, and what he may do."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, Membership, User


class MemberForm(forms.Form):
    """One more person, by the name that he signs in with or one of his addresses here."""

    person = forms.CharField(label=_("Name or address"), max_length=254, help_text=_("Somebody who signs in here."))
    role = forms.ChoiceField(label=_("What this person may do"), choices=Membership.Role, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, account: MailAccount) -> None:
        super().__init__(data, initial={"role": Membership.Role.READ}, label_suffix="")
        self._account = account

    def clean_person(self) -> User:
        typed = self.cleaned_data["person"].strip()
        found = _people_called(typed)
        if len(found) != 1:
            raise forms.ValidationError(_("Nobody of that name or address signs in here."))
        if found[0].pk == self._account.owner_id:
            raise forms.ValidationError(_("The account is yours already."))
        return found[0]

    def save(self) -> Membership:
        """Share the account; who reads it already gets the role that was chosen now."""
        person, role = self.cleaned_data["person"], self.cleaned_data["role"]
        return Membership.objects.update_or_create(account=self._account, user=person, defaults={"role": role})[0]


def _people_called(name: str) -> list[User]:
    """Return the people whom a name or an address may mean: two are as good as none."""
    people = User.objects.filter(is_active=True)
    if by_name := list(people.filter(username__iexact=name)[:2]):
        return by_name
    owns = Q(owned_accounts__address__iexact=name)
    return list(people.filter(Q(email__iexact=name) | owns).distinct()[:2]) if "@" in name else []
