"""What people must be told though they did not ask: a mailbox that is collected no more."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import MailAccount, RemoteMaildrop
from accounts.providers import advice
from mailbox import delivery
from mailbox.mime.compose import Address, build, new_message_id


def tell_that_it_pauses(maildrop: RemoteMaildrop) -> None:
    """Put a message into another account of the owner: the one that fails might not be looked at.

    Without another account the screens of the application tell, which they do at any rate.
    """
    account = maildrop.account
    others = MailAccount.objects.owned_by(account.owner).exclude(pk=account.pk)
    other = others.filter(remote_maildrop__is_paused=False).first() or others.first()
    if other is None:
        return
    with translation.override(account.owner.language or settings.LANGUAGE_CODE):
        octets = _message(maildrop, other)
    prepared = delivery.prepare(other, octets, received_at=timezone.now())
    with transaction.atomic():
        delivery.deliver(other, [prepared])


def _message(maildrop: RemoteMaildrop, other: MailAccount) -> bytes:
    account = maildrop.account
    paragraphs = [
        _("Letterbox has stopped collecting the mail of %(address)s.") % {"address": account.address},
        str(maildrop.get_trouble_display()),
        advice(maildrop),
        _("What the server said: %(words)s") % {"words": maildrop.last_error} if maildrop.last_error else "",
        _("Nothing is lost: what was collected is here, and the rest waits on the server. When it is put right,"
          " press “Check now” on the accounts page."),
    ]  # fmt: skip
    return build(
        sender=Address("Letterbox", f"letterbox@{account.domain}"),
        to=[Address("", other.address)],
        subject=_("Mail of %(address)s is not collected any more") % {"address": account.address},
        text="\n\n".join(filter(None, paragraphs)) + "\n",
        date=timezone.localtime(),
        message_id=new_message_id(other.domain),
    )
