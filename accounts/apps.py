from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and mail accounts")

    def ready(self) -> None:
        # Signing in is written down by signals.
        import accounts.audit  # noqa: F401
