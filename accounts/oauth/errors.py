"""What can keep a sign-in at a provider from being used. `str()` of each is the server's own words, without secrets."""


class OAuthError(Exception):
    """Base of the family."""


class SignInEnded(OAuthError):
    """The person, his provider or the passing of time has taken the permission back; only he can give it again."""


class SignInAway(OAuthError):
    """The authorization server does not answer, or not usefully, right now: everything is kept and tried again."""


class TokenRefused(OAuthError):
    """A mail server does not take a token that was issued a moment ago."""
