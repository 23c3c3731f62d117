"""Signing in through the operator's own server that speaks OpenID Connect."""

from typing import Any

from allauth.account.utils import filter_users_by_email
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.resetting import believe_the_operator


class ElsewhereAdapter(DefaultSocialAccountAdapter):
    """Who comes from there is the person here with the address that he has proved there, or nobody."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Make somebody new only where the operator wants that, and of a proved address that nobody has."""
        addresses = sociallogin.email_addresses
        return (
            settings.OIDC_ADDS_PEOPLE
            and any(each.verified for each in addresses)
            and not any(filter_users_by_email(each.email) for each in addresses)
        )

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[Any, str] | None:
        found: tuple[Any, str] | None = super().authenticate_by_email(sociallogin)
        if found:
            # Else allauth takes the password away, as of a stranger who had signed up with the address.
            believe_the_operator(found[0])
        return found


@login_not_required
@require_POST
def sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go there. Nothing but signing in is offered: an account there is joined to a person here by its address alone."""
    if "process" in request.GET or "process" in request.POST:
        raise BadRequest
    return oidc.login(request, provider_id)
