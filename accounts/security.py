"""Settings > Security: what keeps others out of a person's mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """The ways to what can be done about it."""
    return render(request, "accounts/security/page.html", {"here": "settings"})
