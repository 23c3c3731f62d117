"""The forms of a person's own settings."""

import zoneinfo
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.forms.servers import Data
from accounts.models import Identity, User

# In these languages the family name comes first.
_FAMILY_FIRST = {"ja"}
_COUNTS = ("undo_seconds", "trash_days", "spam_days")


class SettingsForm(forms.ModelForm):
    """What a person is called, and in which language and time zone he reads."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    writes_rich = forms.TypedChoiceField(
        label=_("New messages"),
        required=False,
        choices=[("True", _("With formatting")), ("False", _("In plain text"))],
        coerce=lambda value: value == "True",
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "language", "time_zone", *_COUNTS, "writes_rich"]

    def __init__(self, data: Data, *, instance: User) -> None:
        super().__init__(data, instance=instance, label_suffix="")
        _set_choices(self.fields["language"], [("", _("As the browser asks")), *_languages()])
        _set_choices(self.fields["time_zone"], [("", _("That of the server")), *_time_zones()])
        for name in _COUNTS:
            self.fields[name].required = False
        if get_language() in _FAMILY_FIRST:
            self.order_fields(["last_name", "first_name"])

    def clean(self) -> dict[str, Any]:
        """Nothing typed is no wish to change a number."""
        unchanged = {name: getattr(self.instance, name) for name in _COUNTS if self.cleaned_data.get(name, "") is None}
        return self.cleaned_data | unchanged


IdentityFormSet = forms.modelformset_factory(
    Identity,
    fields=["name", "signature", "signature_html"],
    extra=0,
    edit_only=True,
    widgets={
        "signature": forms.Textarea(attrs={"rows": 3}),
        "signature_html": forms.HiddenInput(attrs={"data-rich-value": ""}),
    },
)


def _set_choices(field: forms.Field, choices: list[Any]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _languages() -> list[tuple[str, str]]:
    """Each under its own name, so that whoever ended up in a foreign one finds the way back."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


@lru_cache(maxsize=1)
def _time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Time zones by region, under the names of their cities."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        region, _slash, city = name.partition("/")
        if city and region not in {"Etc", "SystemV", "US"}:
            regions.setdefault(region, []).append((name, city.replace("_", " ")))
    return [("UTC", [("UTC", "UTC")]), *regions.items()]
