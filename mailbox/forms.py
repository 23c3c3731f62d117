"""What is typed into the composer, taken as it is: nothing has to be right before it is sent."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.senders import Sender, Senders
from mailbox import written_as
from mailbox.models import Draft


class TypedField(forms.CharField):
    """Text as it was typed, with LF line ends; NUL, which PostgreSQL cannot store, is dropped."""

    def __init__(self) -> None:
        super().__init__(required=False, strip=False)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\0", "")


class SenderField(forms.ChoiceField):
    """The names and addresses a person may write under, as the recipients will see them."""

    def offer(self, senders: Iterable[Sender]) -> None:
        """Offer these, each once; some may be addresses that a domain caught."""
        self._senders: dict[str, Sender] = {}
        for each in senders:
            self._senders.setdefault(each.value, each)
        self.choices = [(value, str(each)) for value, each in self._senders.items()]

    def sender(self, value: str) -> Sender:
        return self._senders[value]


class DraftForm(forms.ModelForm):
    """The typed fields of a draft. Only the sender can be wrong here; the rest is judged when it is sent."""

    account = SenderField(
        error_messages={
            "required": _("Choose the account this message leaves from."),
            "invalid_choice": _("You may no longer send from this account. Choose another one."),
        },
    )
    # An address of a domain of the writer's own, typed instead of being chosen.
    address = TypedField()
    to = TypedField()
    cc = TypedField()
    bcc = TypedField()
    subject = TypedField()
    text = TypedField()

    class Meta:
        model = Draft
        fields = ["to", "cc", "bcc", "subject", "text"]

    def __init__(self, writer: User, **options: Any) -> None:
        super().__init__(**options)
        self.senders = senders = Senders.of(writer)
        stored = _sender_of(self.instance, senders)
        chosen = senders.valued(self.data.get("account", "")) or stored
        self._field.offer([*senders.all, *([chosen] if chosen else ()), *written_as.lately(senders)])
        # What `has_changed` compares with.
        self.initial["account"] = stored.value if stored else None

    @property
    def _field(self) -> SenderField:
        field = self.fields["account"]
        assert isinstance(field, SenderField)
        return field

    def clean(self) -> None:
        value, typed = self.cleaned_data.get("account"), self.cleaned_data.get("address", "").strip()
        sender = self._field.sender(value) if value else None
        if typed:
            sender = self.senders.typed(typed, beside=sender)
        if sender:
            self.instance.account, self.instance.sender = sender.account, sender.stored
        elif typed:
            words = _("%(address)s is none of your addresses, so you cannot write as it. Choose or type another one.")
            self.add_error("account", words % {"address": typed})


def _sender_of(draft: Draft, senders: Senders) -> Sender | None:
    if not draft.account_id:
        return None
    return senders.at(draft.account, draft.sender) or senders.at(draft.account, "")
