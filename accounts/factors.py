"""Second factors and passkeys as this installation keeps and names them."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from accounts.browsers import browser_name
from accounts.fields import keyring


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of apps and codes are sealed like the passwords of mail servers."""

    def encrypt(self, text: str) -> str:
        return keyring().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. Raises ValidationError where its key is gone: the codes of an empty one are no secret."""
        try:
            return keyring().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise self.validation_error("incorrect_code") from error

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        """Call a passkey as the browser in which it is made."""
        return browser_name(context.request.headers.get("User-Agent", "")) or _("Passkey")

    def _get_site_name(self) -> str:
        return "Letterbox"
