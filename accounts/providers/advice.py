"""The next step with a maildrop's provider after what it met last."""

from accounts.models import RemoteMaildrop
from accounts.providers.table import provider_of
from accounts.troubles import Trouble


def advice(maildrop: RemoteMaildrop) -> str:
    """Return what to do at this maildrop's provider; "" where nothing is known."""
    provider = provider_of(maildrop.host)
    if provider is None:
        return ""
    if maildrop.trouble == Trouble.PASSWORD:
        return " ".join(filter(None, [provider.password, provider.switch]))
    if maildrop.trouble in {Trouble.REFUSED, Trouble.UNREACHABLE}:
        return provider.switch
    return ""
