"""Settings > Labels: a person's own labels, made, renamed, given another colour, deleted."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.forms.account import COLOURS
from accounts.forms.servers import Data
from accounts.models import User
from mailbox.models import Label
from mailbox.models.label import LONGEST_NAME
from mailbox.views.side_labels import tree
from mailbox.views.sidebar import sidebar
from webmail.htmx import render_screen

require_form = require_http_methods(["GET", "HEAD", "POST"])


class LabelForm(forms.Form):
    """The name of a label, with "/" between its levels, and its colour."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, help_text=_("Nest labels by “/”: Travel/Japan"))
    colour = forms.TypedChoiceField(label=_("Colour"), choices=COLOURS, coerce=int, widget=forms.RadioSelect)

    def __init__(self, data: Data, label: Label) -> None:
        super().__init__(data, initial={"name": label.name, "colour": label.colour}, label_suffix="")
        self._label = label

    def clean_name(self) -> str:
        name = Label.tidy(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Type a name for the label."))
        others = Label.objects.filter(owner=self._label.owner, name__iexact=name).exclude(pk=self._label.pk)
        if others.exists():
            raise forms.ValidationError(_("You have a label of that name already."))
        return name

    def save(self) -> None:
        """Store the label, and what is nested below it under its new name."""
        name, self._label.colour = self.cleaned_data["name"], self.cleaned_data["colour"]
        with transaction.atomic():
            if self._label.pk and name != self._label.name:
                self._label.rename(name)
            self._label.name = name
            self._label.save()
            self._label.tell_pages()


@require_form
def labels(request: HttpRequest) -> HttpResponse:
    """The list, and a form for one more."""
    owner = _owner(request)
    form = LabelForm(request.POST or None, Label(owner=owner, colour=Label.next_colour(owner)))
    if form.is_valid():
        form.save()
        return redirect("labels")
    shown = sidebar(owner)
    context = {"here": "settings", "sidebar": shown, "branches": tree(shown.labels), "form": form}
    return render_screen(request, "mailbox/labels/list", "_list", context, status=422 if form.is_bound else 200)


@require_form
def label(request: HttpRequest, key: str) -> HttpResponse:
    """One label, to be renamed or given another colour."""
    found = get_object_or_404(Label.objects.visible_to(request.user), key=key)
    form = LabelForm(request.POST or None, found)
    if form.is_valid():
        form.save()
        messages.success(request, gettext("The label is saved."))
        return redirect("labels")
    context = {"here": "settings", "form": form, "label": found}
    return render_screen(request, "mailbox/labels/edit", "_form", context, status=422 if form.is_bound else 200)


@require_form
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whether really; by POST delete the label. The mail stays where it is."""
    found = get_object_or_404(Label.objects.visible_to(request.user), key=key)
    if request.method == "POST":
        with transaction.atomic():
            found.tell_pages()
            found.delete()
        messages.success(request, gettext("The label is deleted. Its mail stays where it is."))
        return redirect("labels")
    context = {"here": "settings", "label": found, "count": found.labelled.count()}
    return render_screen(request, "mailbox/labels/delete", "_question", context)


def _owner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return request.user
