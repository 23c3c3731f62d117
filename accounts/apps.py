from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and mail accounts")

    def ready(self) -> None:
        # What listens to the signals of signing in: whoever signs in, by whatever way, is heard.
        import accounts.audit
        import accounts.confirming
        import accounts.presence
        import accounts.sessions  # noqa: F401
