"""What is known of the large providers: their servers, and what a person must do there before mail can be collected."""

from accounts.providers.advice import advice
from accounts.providers.provider import Elsewhere, LoginForm, Password, Provider
from accounts.providers.table import (
    PROVIDERS,
    judges_of,
    provider_by_exchangers,
    provider_of,
    provider_serving,
)

__all__ = [
    "PROVIDERS",
    "Elsewhere",
    "LoginForm",
    "Password",
    "Provider",
    "advice",
    "judges_of",
    "provider_by_exchangers",
    "provider_of",
    "provider_serving",
]
