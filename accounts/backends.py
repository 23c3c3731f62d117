"""Who is signed in, read for every page by a statement that is written once; who may sign in is decided as ever."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from webmail.prepared import Prepared


class ByName(ModelBackend):
    """People who sign in by their name."""

    def get_user(self, user_id: int) -> User | None:
        return _active(self, user_id)


class ByNameOrAddress(AuthenticationBackend):
    """People who sign in by the address that stands in their settings."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        """Try an address once, not as a name too: a known one would else take longer to refuse than an unknown one."""
        if credentials.get("email"):
            credentials.pop("username", None)
        found: AbstractBaseUser | None = super()._authenticate(request, **credentials)
        return found

    def get_user(self, user_id: int) -> User | None:
        return _active(self, user_id)


def _active(backend: ModelBackend, user_id: int) -> User | None:
    user = person(user_id)
    return user if backend.user_can_authenticate(user) else None


def person(pk: int) -> User | None:
    """Return the person of that key, who may be one that must not sign in any more."""
    return next(iter(_people(pk=int(pk))), None)


@Prepared
def _people(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)
