"""What is typed into the composer, taken as it is: nothing has to be right before it is sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User
from mailbox.models import Draft


class TypedField(forms.CharField):
    """Text as it was typed, with LF line ends; NUL, which PostgreSQL cannot store, is dropped."""

    def __init__(self) -> None:
        super().__init__(required=False, strip=False)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\0", "")


class SenderField(forms.ModelChoiceField):
    """The accounts a person may send from, by the name and address that the recipients will see."""

    def label_from_instance(self, account: MailAccount) -> str:
        return str(account.default_identity() or account)


class DraftForm(forms.ModelForm):
    """The typed fields of a draft. Only the sender can be wrong here; the rest is judged when it is sent."""

    account = SenderField(
        MailAccount.objects.none(),
        to_field_name="key",
        empty_label=None,
        error_messages={
            "required": _("Choose the account this message leaves from."),
            "invalid_choice": _("You may no longer send from this account. Choose another one."),
        },
    )
    to = TypedField()
    cc = TypedField()
    bcc = TypedField()
    subject = TypedField()
    text = TypedField()

    class Meta:
        model = Draft
        fields = ["account", "to", "cc", "bcc", "subject", "text"]

    def __init__(self, writer: User, **options: Any) -> None:
        # The list names accounts by their keys, and so must what `has_changed` compares with.
        draft: Draft = options["instance"]
        sender_now = draft.account if draft.account_id else None
        super().__init__(**options, initial={"account": sender_now})
        sender = self.fields["account"]
        assert isinstance(sender, SenderField)
        sender.queryset = MailAccount.objects.usable_for_sending_by(writer)
