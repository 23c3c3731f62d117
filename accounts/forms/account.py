"""The form of an account, in three parts that are shown and saved as one, and the form that deletes it."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.forms.judges import JudgesField
from accounts.forms.servers import PRINTABLE, Data, MaildropForm, SubmissionForm
from accounts.models import Grant, Identity, MailAccount, RemoteMaildrop, SubmissionServer

COLOURS = [
    (0, _("Blue")),
    (1, _("Green")),
    (2, _("Amber")),
    (3, _("Violet")),
    (4, _("Teal")),
    (5, _("Olive")),
    (6, _("Pink")),
    (7, _("Indigo")),
]


class AccountForm(forms.ModelForm):
    """What the account is called, and who writes under it."""

    colour = forms.TypedChoiceField(label=_("Colour"), choices=COLOURS, coerce=int, widget=forms.RadioSelect)
    full_name = forms.CharField(
        label=_("Your name"), max_length=100, required=False, help_text=_("Shown to the people you write to.")
    )
    trusted_servers = JudgesField()

    class Meta:
        model = MailAccount
        fields = ["address", "name", "colour", "arrival_label", "trusted_servers"]
        labels = {"arrival_label": _("Label for what arrives")}
        help_texts = {"arrival_label": _("Empty: none.")}

    def __init__(self, data: Data, *, instance: MailAccount) -> None:
        super().__init__(data, instance=instance, label_suffix="")
        identity = instance.default_identity() if instance.pk else None
        self.initial["full_name"] = identity.name if identity else instance.owner.get_full_name()
        self.fields["name"].required = False
        self.fields["name"].help_text = _("Such as Home or Work. Empty: the address.")
        self.fields["full_name"].validators.append(PRINTABLE)

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        others = self.instance.owner.owned_accounts.exclude(pk=self.instance.pk)
        if others.filter(address__iexact=address).exists():
            raise forms.ValidationError(_("You have an account with this address already."))
        return address

    def clean_name(self) -> str:
        return self.cleaned_data["name"] or self.cleaned_data.get("address", "")[:100]

    def save(self, commit: bool = True) -> MailAccount:
        """Write the account and its identity; the other two parts hang on it, so there is no saving without commit."""
        was, account = self.initial.get("address"), self.instance
        # The columns of this form only: a delivery that runs meanwhile counts the revision up.
        account.save(update_fields=self.Meta.fields if account.pk else None)
        known = account.identities
        identity = known.filter(address=account.address).first() or known.filter(address=was).first()
        identity = identity or Identity(account=account, is_default=not known.exists())
        identity.address, identity.name = account.address, self.cleaned_data["full_name"]
        identity.save()
        return account


class AccountForms:
    """The three parts as one form: they are valid together and saved together."""

    def __init__(self, account: MailAccount, data: Data = None) -> None:
        maildrop = getattr(account, "remote_maildrop", None) if account.pk else None
        submission = getattr(account, "submission_server", None) if account.pk else None
        user_pk = account.owner_id
        self.about = AccountForm(data, instance=account)
        self.maildrop = MaildropForm(
            data, about=self.about, instance=maildrop or RemoteMaildrop(), prefix="pop3", user_pk=user_pk
        )
        self.submission = SubmissionForm(
            data, maildrop=self.maildrop, instance=submission or SubmissionServer(), prefix="smtp", user_pk=user_pk
        )
        self.has_dropped_grant = False
        self.parts = (self.about, self.maildrop, self.submission)

    @property
    def is_bound(self) -> bool:
        return self.about.is_bound

    def is_valid(self) -> bool:
        """Look at every part, so that every error shows at once; a later part may find fault with an earlier one."""
        for part in self.parts:
            part.full_clean()
        return not any(part.errors for part in self.parts)

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """Every error as (id of the field, its label with that of its part, what is wrong)."""
        titles = ("", _("Collecting"), _("Sending"))
        return [
            (part[name].id_for_label, f"{title} · {part[name].label}".removeprefix(" · "), str(error))
            for title, part in zip(titles, self.parts, strict=True)
            for name, errors in part.errors.items()
            for error in errors
        ]

    @transaction.atomic
    def save(self) -> MailAccount:
        """Write the account with its servers; what changed about the maildrop is tried at once."""
        account = self.about.save()
        self.maildrop.instance.account = self.submission.instance.account = account
        is_new = self.maildrop.instance.pk is None
        self.maildrop.save()
        self.submission.save()
        self.has_dropped_grant = not is_new and Grant.drop_unused(account)
        if is_new or self.maildrop.has_changed():
            self.maildrop.instance.check_now()
        return account


class DeleteAccountForm(forms.Form):
    """The address, typed by hand, so that nobody deletes years of mail by a slip."""

    address = forms.CharField(
        label=_("Type the address to confirm"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, data: Data, *, account: MailAccount) -> None:
        super().__init__(data, label_suffix="")
        self.account = account

    def clean_address(self) -> str:
        typed: str = self.cleaned_data["address"].strip()
        if typed.casefold() != self.account.address.casefold():
            raise forms.ValidationError(_("This is not the address of the account. Nothing was deleted."))
        return typed
