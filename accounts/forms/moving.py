"""The forms with which somebody moves here from another webmail that collected his mail."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.forms.servers import Data
from accounts.models import User
from accounts.senders import Senders

_MOST = 50
_BETWEEN = re.compile(r"[\s,;<>()\"]+")


class MoveForm(forms.Form):
    """The addresses that were collected there, pasted in whatever form."""

    addresses = forms.CharField(
        label=_("Your addresses"),
        max_length=10_000,
        help_text=_("One a line, or as you copied them from Gmail's settings."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "none"}),
    )
    keeps_labels = forms.BooleanField(
        label=_("Label what arrives with the address that it came to, as Gmail did"), required=False
    )

    def __init__(self, data: Data) -> None:
        super().__init__(data, label_suffix="", initial={"keeps_labels": True})

    def clean_addresses(self) -> list[str]:
        words = (each.strip(".") for each in _BETWEEN.split(self.cleaned_data["addresses"]))
        found = {each.lower(): each for each in words if _is_address(each)}
        if not found:
            raise forms.ValidationError(_("There is no mail address in this."))
        if len(found) > _MOST:
            raise forms.ValidationError(_("These are too many at once. Begin with some of them."))
        return list(found.values())


class AnswersForm(forms.Form):
    """From which address answers leave."""

    answers_from = forms.ChoiceField(label=_("Answers leave from"), required=False)

    def __init__(self, data: Data, *, user: User) -> None:
        super().__init__(data, label_suffix="", initial={"answers_from": user.answers_from})
        addresses = dict.fromkeys(each.address for each in Senders.of(user).all)
        choices: list[Any] = [("", _("The address that was written to")), *((each, each) for each in addresses)]
        field = self.fields["answers_from"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return "@" in text and len(text) <= 254
