"""A provider of mail: its servers, what a login is there, and what a person must do before mail can be collected."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.providers import words
from accounts.servers import ServerUrl


class LoginForm(enum.StrEnum):
    """What people log in with."""

    ADDRESS = "address"
    LOCAL_PART = "local-part"


class Password(enum.StrEnum):
    """Which password a mail program needs."""

    USUAL = "usual"
    OWN = "own"
    APP = "app"
    TOKEN = "token"  # noqa: S105 - the name of a kind


class Elsewhere(enum.StrEnum):
    """What to do where there is no POP3."""

    FORWARD = "forward"
    FORWARD_PAID = "forward-paid"


@dataclass(frozen=True, slots=True)
class Provider:
    """One row of `facts.toml`, where every field is explained."""

    name: str
    pop3: ServerUrl | None = None
    smtp: ServerUrl | None = None
    login_form: LoginForm = LoginForm.ADDRESS
    password_kind: Password = Password.USUAL
    is_switched_off: bool = False
    elsewhere: Elsewhere | None = None
    has_recent_mode: bool = False
    help_page: str = ""
    first_page: str = ""
    oauth: str = ""
    domains: tuple[str, ...] = ()
    exchangers: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()

    @property
    def has_pop3(self) -> bool:
        return self.elsewhere is None

    @property
    def is_certain(self) -> bool:
        """Whether its servers are known; if not, a person types them."""
        return bool(self.pop3 and self.smtp)

    @property
    def takes_passwords(self) -> bool:
        return self.password_kind != Password.TOKEN

    @property
    def password(self) -> str:
        """What to do about a refused password, in a sentence; "" where nothing special is known."""
        return words.password(self.name, self.password_kind)

    @property
    def switch(self) -> str:
        """What to do about a server that lets nobody in by POP3; "" where it is on from the start."""
        return words.switch(self.name) if self.is_switched_off else ""

    @property
    def instead(self) -> str:
        """What to do where there is no POP3; "" where there is."""
        return words.instead(self.name, self.elsewhere) if self.elsewhere else ""

    def login_of(self, address: str) -> str:
        """Return what the owner of `address` logs in with."""
        return address.rpartition("@")[0] if self.login_form == LoginForm.LOCAL_PART else address


def ends_with(name: str, ends: Iterable[str]) -> int:
    """Return the length of the longest of `ends` that `name` is or lies below; 0 where it is none of them."""
    bare = name.strip().lower().rstrip(".")
    return max((len(end) for end in ends if bare == end or bare.endswith(f".{end}")), default=0)
