"""The audit log's one door, and the events of signing in that come by signals."""

import ipaddress
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import AuditEvent, Membership, User

What = AuditEvent.What

_FACTORS = {
    Authenticator.Type.TOTP: "codes from an app",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
    Authenticator.Type.WEBAUTHN: "passkey",
}


def note(what: AuditEvent.What, *, person: User | None = None, about: object = "", actor: User | None = None) -> None:
    """Write down that it happened, by whoever is signed in to the request under way unless `actor` is given.

    `person` is whom it concerns, the actor himself by default. `about` names a thing and holds no secret.
    """
    request: HttpRequest | None = context.request
    who = actor or _signed_in(request)
    AuditEvent.objects.create(
        what=what,
        actor=who,
        actor_name=who.get_username()[:150] if who else "",
        person=person or who,
        address=_address(request),
        about=str(about)[:255],
    )


def _signed_in(request: HttpRequest | None) -> User | None:
    user = getattr(request, "user", AnonymousUser())
    return user if isinstance(user, User) else None


def _address(request: HttpRequest | None) -> str | None:
    try:
        return str(ipaddress.ip_address(get_adapter().get_client_ip(request))) if request else None
    except (ValueError, PermissionDenied, ImproperlyConfigured):
        # A socket without an address, or a proxy that says too little.
        return None


@receiver(user_logged_in)
def _signed_in_now(user: User, **_: object) -> None:
    note(What.SIGNED_IN, actor=user)


@receiver(user_login_failed)
def _sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    """A name that nobody has is not written down: people type their password there."""
    if request is None:
        # The embedded mail servers and commands count their guesses by themselves.
        return
    typed = str(credentials.get("username") or credentials.get("email") or "")
    person = User.objects.filter(username__iexact=typed).first() or User.objects.filter(email__iexact=typed).first()
    note(What.SIGN_IN_FAILED, person=person if typed else None, about=person.username if person and typed else "")


@receiver(authentication_failed)
def _code_failed(user: User, **_: object) -> None:
    note(What.SIGN_IN_FAILED, person=user, about=user.get_username())


@receiver(user_logged_out)
def _signed_out(user: User | None, **_: object) -> None:
    if user:
        note(What.SIGNED_OUT, actor=user)


@receiver([password_changed, password_reset, password_set])
def _password_changed(user: User, **_: object) -> None:
    note(What.PASSWORD, person=user)


@receiver(email_changed)
def _address_changed(user: User, to_email_address: Any, **_: object) -> None:
    note(What.ADDRESS, person=user, about=to_email_address.email)


@receiver(authenticator_added)
def _factor_added(user: User, authenticator: Authenticator, **_: object) -> None:
    note(What.FACTOR_ADDED, person=user, about=_FACTORS.get(authenticator.type, ""))


@receiver(authenticator_removed)
def _factor_removed(user: User, authenticator: Authenticator, **_: object) -> None:
    note(What.FACTOR_REMOVED, person=user, about=_FACTORS.get(authenticator.type, ""))


@receiver(authenticator_reset)
def _factor_renewed(user: User, **_: object) -> None:
    note(What.FACTOR_RENEWED, person=user)


@receiver(post_save, sender=Membership)
def _role_given(instance: Membership, raw: bool = False, **_: object) -> None:
    if not raw:
        note(What.ROLE, person=instance.user, about=f"{instance.account}: {instance.user.username}, {instance.role}")


@receiver(post_delete, sender=Membership)
def _role_ended(instance: Membership, origin: Any = None, **_: object) -> None:
    """What goes with its account or its person is told by their own events."""
    if origin is None or isinstance(origin, Membership) or getattr(origin, "model", None) is Membership:
        note(What.ROLE_ENDED, person=instance.user, about=f"{instance.account}: {instance.user.username}")
