"""How the mail looks to a person."""

from django import forms

from accounts.forms.servers import Data
from accounts.models import User


class AppearanceForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["theme", "density", "reading_pane"]
        widgets = {"theme": forms.RadioSelect, "density": forms.RadioSelect, "reading_pane": forms.RadioSelect}

    def __init__(self, data: Data, *, instance: User) -> None:
        super().__init__(data, instance=instance, label_suffix="")
