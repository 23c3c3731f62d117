"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.urls import include, path

# Django's own sign-in for the operator counts no guesses; ours does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# What guards people is theirs: nobody gives another a factor or reads one in the panel.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession])

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("mailbox.urls")),
]
