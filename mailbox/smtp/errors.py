"""What can go wrong between this client and a submission server, in three words."""

TEMPORARY = range(400, 500)
PASSWORD_WRONG = frozenset({534, 535})


class SmtpError(Exception):
    """Base of the family; `str()` of each is a sentence that can be shown to a person."""


class Refused(SmtpError):
    """The server answered, and the answer was no. `code` is 0 when this client saw that it would be."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}" if code else text)
        self.code = code
        self.text = text

    @property
    def is_temporary(self) -> bool:
        """Whether the same attempt may succeed later (RFC 5321, 4.2.1: 4yz)."""
        return self.code in TEMPORARY

    @property
    def is_password_wrong(self) -> bool:
        """Whether the login itself was turned down (RFC 4954, 6), so that trying again only locks the account."""
        return self.code in PASSWORD_WRONG


class Garbled(SmtpError):
    """The peer does not speak SMTP, or stopped speaking it."""


class Unreachable(SmtpError):
    """No connection, no TLS that can be trusted, or a line that was lost or fell silent."""
