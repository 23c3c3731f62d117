"""The form by which a person deletes all that is his."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class DepartureForm(forms.Form):
    """The name is typed, so that no slip deletes a mailbox."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[("later", _("In seven days; until then you can change your mind")), ("now", _("Now"))],
        initial="later",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=_("Type your name for signing in"), widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, label_suffix="")
        self.user = user

    @property
    def at_once(self) -> bool:
        return bool(self.cleaned_data["when"] == "now")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name != self.user.get_username():
            raise forms.ValidationError(_("That is not your name here. Nothing was deleted."))
        return name

    def clean(self) -> dict[str, Any]:
        others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=self.user.pk)
        if self.user.is_superuser and not others.exists():
            raise forms.ValidationError(_("Nobody else runs this Letterbox. Make somebody else an admin first."))
        return self.cleaned_data
