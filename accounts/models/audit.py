"""What happened to people, accounts and secrets, for whoever asks later: who, when, from where, what, on what."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User

KEPT = timedelta(days=400)


class AuditEvent(models.Model):
    """One event. It holds names and never secrets, and outlives whom and what it is about."""

    class What(models.TextChoices):
        SIGNED_IN = "signed-in", _("signed in")
        SIGN_IN_FAILED = "sign-in-failed", _("sign-in failed")
        SIGNED_OUT = "signed-out", _("signed out")
        PASSWORD = "password", _("password changed")
        ADDRESS = "address", _("address changed")
        FACTOR_ADDED = "factor-added", _("second factor or passkey added")
        FACTOR_REMOVED = "factor-removed", _("second factor or passkey removed")
        FACTOR_RENEWED = "factor-renewed", _("new recovery codes made")
        ACCOUNT_ADDED = "account-added", _("account added")
        ACCOUNT_CHANGED = "account-changed", _("account or its servers changed")
        ACCOUNT_DELETED = "account-deleted", _("account deleted")
        GRANTED = "granted", _("signed in at a provider for an account")
        GRANT_ENDED = "grant-ended", _("sign-in at a provider ended")
        OFFERED = "offered", _("account offered to somebody else")
        OFFER_ENDED = "offer-ended", _("offer of an account declined or withdrawn")
        HANDED_OVER = "handed-over", _("account handed over")
        ROLE = "role", _("role given or changed")
        ROLE_ENDED = "role-ended", _("role taken away")
        TEAM = "team", _("team mailbox made or ended")
        INVITED = "invited", _("invitation made")
        INVITATION_USED = "invitation-used", _("invitation used")
        INVITATION_VOID = "invitation-void", _("invitation taken back")
        RESET_LINK = "reset-link", _("link for a new password made")
        PERSON_ADDED = "person-added", _("person added")
        LEAVING = "leaving", _("asked to be deleted")
        STAYING = "staying", _("deletion called off")
        PERSON_DELETED = "person-deleted", _("person deleted with all mail")
        EXPORT = "export", _("mail exported")
        ADMIN_ADDED = "admin-added", _("added in the panel")
        ADMIN_CHANGED = "admin-changed", _("changed in the panel")
        ADMIN_DELETED = "admin-deleted", _("deleted in the panel")
        ADMIN_ACTION = "admin-action", _("action in the panel")
        KEYS = "keys", _("keys rotated")

    at = models.DateTimeField(_("when"), default=timezone.now)
    what = models.CharField(_("what"), max_length=20, choices=What)
    # Who did it, as he was called then; empty where nobody was signed in: a command, or a stranger.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    # Whom it concerns: he sees it among his own.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("person")
    )
    address = models.GenericIPAddressField(_("from address"), null=True)
    about = models.CharField(_("on what"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="audit_of_person"),
            # SET_NULL looks for them when somebody is deleted.
            models.Index(fields=["actor"], name="audit_actor", condition=models.Q(actor__isnull=False)),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what}"

    @classmethod
    def of(cls, person: User) -> "models.QuerySet[AuditEvent]":
        """What concerns one person, the latest first."""
        return cls._default_manager.filter(person=person)

    @classmethod
    def prune(cls, now: datetime) -> int:
        """Forget what is older than KEPT; return how many events."""
        return cls._default_manager.filter(at__lt=now - KEPT).delete()[0]
