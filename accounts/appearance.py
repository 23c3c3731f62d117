"""The screen on which a person chooses how the mail looks."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms.appearance import AppearanceForm
from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    """Light or dark, airy or dense, with a reading pane or without."""
    form = AppearanceForm(request.POST if request.method == "POST" else None, instance=cast("User", request.user))
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("Your settings are saved."))
        return redirect("appearance")
    context = {"here": "settings", "form": form}
    return render(request, "accounts/appearance/page.html", context, status=422 if form.is_bound else 200)
