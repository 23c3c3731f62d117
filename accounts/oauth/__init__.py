"""Signing in to a mail account at its provider (OAuth 2.0, RFC 6749), with the operator's own client id.

Here is what is known of the providers' authorization servers and what a person goes through; asking them is
`mailbox.tokens`' part.
"""

from accounts.oauth.coming_back import can_come_back
from accounts.oauth.errors import OAuthError, SignInAway, SignInEnded, TokenRefused
from accounts.oauth.servers import AuthorizationServer, has_mail_of, server_for, server_named

__all__ = [
    "AuthorizationServer",
    "OAuthError",
    "SignInAway",
    "SignInEnded",
    "TokenRefused",
    "can_come_back",
    "has_mail_of",
    "server_for",
    "server_named",
]
