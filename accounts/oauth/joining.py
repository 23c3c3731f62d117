"""What a sign-in at a provider makes of an account: a new one, or one that has tokens from now on."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Grant, Identity, MailAccount, RemoteMaildrop, SubmissionServer
from accounts.oauth.servers import has_mail_of
from accounts.providers import PROVIDERS, Provider
from accounts.servers import ServerUrl


@dataclass(frozen=True, slots=True)
class Places:
    """Both servers of an account as they are to be, not saved. A submission server elsewhere stays as it is."""

    maildrop: RemoteMaildrop
    submission: SubmissionServer


def provider_called(name: str, oauth: str) -> Provider | None:
    """Return the provider of that name whose people sign in at the authorization server `oauth`."""
    return next((each for each in PROVIDERS if each.name == name and each.oauth == oauth and each.is_certain), None)


def new_places(provider: Provider, address: str) -> Places:
    """Return the servers that `provider` has for everybody."""
    assert provider.pop3
    assert provider.smtp
    return Places(
        RemoteMaildrop(**_place(provider.pop3), login=address), SubmissionServer(**_place(provider.smtp), login=address)
    )


def places_of(account: MailAccount, server: str) -> Places:
    """Return the servers of an account as they log in by token where they are of that provider."""
    places = Places(account.remote_maildrop, getattr(account, "submission_server", SubmissionServer()))
    for each in (places.maildrop, places.submission):
        if each.pk and has_mail_of(each.host, server):
            each.login, each.password = each.login or account.address, ""
    return places


@transaction.atomic
def join(account: MailAccount, places: Places, grant: Grant, *, full_name: str) -> None:
    """Save a new account with its servers, or what changes of one that exists, and give it the grant."""
    is_new = account.pk is None
    if is_new:
        account.save()
        Identity.objects.create(account=account, name=full_name, address=account.address, is_default=True)
    columns = None if is_new else ["login", "password"]
    for each in (places.maildrop, places.submission):
        each.account = account
        if is_new or each.pk:
            each.save(update_fields=columns)
    _give(account, grant)
    places.maildrop.check_now()


def new_grant(server: str, address: str, *, tokens: tuple[str, str, datetime], is_public: bool) -> Grant:
    """Return what is granted by an access token, a refresh token and the end of the first."""
    access_token, refresh_token, expires_at = tokens
    return Grant(
        server=server,
        address=address,
        access_token=access_token,
        refresh_token=refresh_token,
        expires_at=expires_at,
        is_public=is_public,
        created_at=timezone.now(),
    )


def _give(account: MailAccount, grant: Grant) -> None:
    """The old one is deleted and not taken back: at Google that would end the new one too."""
    Grant.objects.filter(account=account).delete()
    grant.account = account
    grant.save()


def _place(url: ServerUrl) -> dict[str, object]:
    return {"host": url.host, "port": url.port, "security": url.security}
