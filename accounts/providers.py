"""What is known of the large providers: what a person must do there before mail can be collected."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import RemoteMaildrop
from accounts.troubles import Trouble


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, recognised by the end of its POP3 server's name."""

    name: str
    hosts: tuple[str, ...]
    # What to do about a refused password, and about a server that lets nobody in by POP3.
    password: Promise | str = ""
    switch: Promise | str = ""
    has_recent_mode: bool = False
    # How its servers sign the Authentication-Results that they put above every message: a name, *.example.test for
    # all below a domain, "" where they name nobody. Only what is certain: a wrong one would believe forgers.
    judges: tuple[str, ...] = ()


_APP_PASSWORD = _("This provider wants an app password of its own instead of your usual one: make one in its settings.")
_OAUTH_ONLY = _("This provider lets no program in by password any more.")
_SWITCH = _("POP3 may be switched off there: switch it on in the provider's webmail, under settings.")

PROVIDERS = (
    Provider(
        "Gmail",
        ("gmail.com", "googlemail.com"),
        password=_(
            "Gmail wants an app password: switch two-step verification on in your Google account, then make one at"
            " myaccount.google.com/apppasswords."
        ),
        switch=_("Switch POP on in Gmail's settings, under Forwarding and POP/IMAP."),
        has_recent_mode=True,
        judges=("mx.google.com",),
    ),
    Provider(
        "Outlook.com",
        ("outlook.com", "office365.com", "hotmail.com", "live.com"),
        password=_OAUTH_ONLY,
        judges=("",),
    ),
    Provider(
        "Yahoo", ("yahoo.com", "aol.com", "verizon.net", "att.net"), password=_APP_PASSWORD, judges=("*.yahoo.com",)
    ),
    Provider(
        "Fastmail",
        ("fastmail.com", "messagingengine.com"),
        password=_APP_PASSWORD,
        judges=("*.messagingengine.com",),
    ),
    Provider("GMX", ("gmx.net", "gmx.com", "gmx.de"), password=_APP_PASSWORD, switch=_SWITCH),
    Provider("WEB.DE", ("web.de",), password=_APP_PASSWORD, switch=_SWITCH),
    Provider(
        "Zoho",
        ("zoho.com", "zoho.eu", "zoho.in", "zoho.jp"),
        password=_APP_PASSWORD,
        switch=_SWITCH,
        judges=("mx.zohomail.com",),
    ),
    Provider(
        "Yandex",
        ("yandex.com", "yandex.ru"),
        password=_APP_PASSWORD,
        switch=_SWITCH,
        judges=("*.yandex.net",),
    ),
    Provider("mail.ru", ("mail.ru",), password=_APP_PASSWORD, switch=_SWITCH),
    Provider("Seznam", ("seznam.cz",), switch=_SWITCH),
    Provider("WP", ("wp.pl",), switch=_SWITCH),
    Provider("Onet", ("onet.pl",), switch=_SWITCH),
    Provider("Yahoo! Japan", ("yahoo.co.jp",), switch=_SWITCH),
)


def provider_of(host: str) -> Provider | None:
    """Return the provider that a server belongs to, where it is one of those known here."""
    name = host.lower().rstrip(".")
    return next(
        (each for each in PROVIDERS if any(name == end or name.endswith(f".{end}") for end in each.hosts)), None
    )


def judges_of(host: str) -> frozenset[str]:
    """Return the names that the provider of this POP3 server signs its findings about senders with."""
    provider = provider_of(host)
    return frozenset(provider.judges) if provider else frozenset()


def advice(maildrop: RemoteMaildrop) -> str:
    """Return the next step with this maildrop's provider after what it met last; "" where nothing is known."""
    provider = provider_of(maildrop.host)
    if provider is None:
        return ""
    if maildrop.trouble == Trouble.PASSWORD:
        return " ".join(filter(None, [str(provider.password), str(provider.switch)]))
    if maildrop.trouble in {Trouble.REFUSED, Trouble.UNREACHABLE}:
        return str(provider.switch)
    return ""
