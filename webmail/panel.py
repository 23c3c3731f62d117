"""The operator's panel: Django's admin with our sign-in, and with nothing in it but people, accounts and the queue."""

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

# Raw rows of other applications hold tokens and addresses, and are changed on the screens of their persons.
_SHOWN = frozenset({"accounts", "mailbox"})


class Panel(AdminSite):
    """Signing in and passwords go the way that everybody's go, where guesses are counted and second factors asked."""

    site_header = site_title = "Letterbox"
    index_title = _("Overview")
    enable_nav_sidebar = True

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        if shown := [model for model in models if model._meta.app_label in _SHOWN]:
            super().register(shown, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")
