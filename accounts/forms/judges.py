"""The field for the servers that are believed about senders: names on lines of their own."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_NAME = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?)*")
_MANY = 20
_LONGEST = 253
# Ticked in the form, it holds the name that was offered there.
OFFER = "trusted_offer"


class JudgesInput(forms.Textarea):
    """One name a line; a name that was offered and ticked is one line more."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        typed = super().value_from_datadict(data, files, name) or ""
        return f"{typed}\n{data.get(OFFER, '')}".strip()

    def format_value(self, value: Any) -> str:
        return "\n".join(value) if isinstance(value, list) else str(value or "")


class JudgesField(forms.CharField):
    """Text to a list of names in lower case, each once."""

    widget = JudgesInput(attrs={"rows": 2, "autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"})

    def __init__(self) -> None:
        super().__init__(
            label=_("Servers to believe about senders"),
            required=False,
            max_length=5000,
            help_text=_(
                "Most providers check where a message comes from, and write what they found above it under the name of"
                " their server. Name only servers of your own provider: anybody can write such lines. One name a line;"
                " *.example.org stands for every name that ends so."
            ),
        )

    def clean(self, value: Any) -> list[str]:
        names = list(dict.fromkeys(super().clean(value).lower().replace(",", " ").split()))
        if any(len(name) > _LONGEST or not _NAME.fullmatch(name) for name in names):
            raise forms.ValidationError(_("Type names of servers, such as mx.example.org, one a line."))
        if any(name.startswith("*.") and name.count(".") < 2 for name in names):
            raise forms.ValidationError(_("Name at least the domain: *.example.org, not *.org."))
        if len(names) > _MANY:
            raise forms.ValidationError(_("These are more servers than a provider has."))
        return names
