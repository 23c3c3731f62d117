"""A sign-in that has begun and not ended yet. It is kept sealed in the session of the person who began it."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from typing import Self, cast

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import User
from accounts.sealed import seal, unseal

_KEY = "oauth"


@dataclass(frozen=True, slots=True)
class Pending:
    """One at a time in a browser: a new one takes the place of an old one."""

    server: str
    """The name of the authorization server."""
    address: str
    provider: str = ""
    """The name of the provider whose servers a new account gets; "" where the account exists."""
    full_name: str = ""
    account_key: str = ""
    redirect_uri: str = ""
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    device_code: str = field(default="", repr=False)
    user_code: str = ""
    verification_uri: str = ""
    interval: int = 0
    """Seconds between two questions (RFC 8628, 3.5)."""
    asks_at: float = 0
    """When the next question may be asked, in seconds since the epoch."""
    ends_at: float = 0

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return what this person has begun in this browser within the hour."""
        text = unseal(request.session.get(_KEY, ""), user_pk=_pk(request))
        try:
            return cls(**json.loads(text)) if text else None
        except (ValueError, TypeError):
            # A release before this one has written it.
            return None

    @property
    def challenge(self) -> str:
        """What the verifier proves (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def keep(self, request: HttpRequest) -> None:
        request.session[_KEY] = seal(json.dumps(asdict(self)), user_pk=_pk(request))

    def is_answered_by(self, state: str) -> bool:
        """Whether an answer with this state is one to this sign-in (RFC 6749, 10.12)."""
        return constant_time_compare(self.state, state)


def forget(request: HttpRequest) -> None:
    """A sign-in is answered once."""
    request.session.pop(_KEY, None)


def _pk(request: HttpRequest) -> int:
    return cast("User", request.user).pk
