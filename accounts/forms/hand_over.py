"""Handing an account over: to whom, and what its owner may do there afterwards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.sharing import MemberForm
from accounts.models import Departure, HandOver, MailAccount, Membership, User


class HandOverForm(MemberForm):
    """Somebody who signs in here, named as one names a member."""

    role = forms.ChoiceField(
        label=_("You yourself, afterwards"),
        required=False,
        choices=[
            ("", _("see nothing of it any more")),
            (Membership.Role.READ.value, _("can read its mail")),
            (Membership.Role.SEND.value, _("can read its mail and send from it")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, account: MailAccount) -> None:
        super().__init__(data, account=account)
        self.initial["role"] = ""

    def clean_person(self) -> User:
        person = super().clean_person()
        if Departure.objects.filter(user=person).exists():
            raise forms.ValidationError(_("%(person)s is about to leave this Letterbox.") % {"person": person})
        return person

    def offer(self) -> HandOver:
        """Note the offer; an older one of the same account is void."""
        HandOver.objects.filter(account=self._account).delete()
        chosen = self.cleaned_data
        return HandOver.objects.create(account=self._account, to=chosen["person"], stays_as=chosen["role"])
