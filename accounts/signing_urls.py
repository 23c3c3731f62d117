"""The addresses of signing in and of what guards it. Their names are those by which django-allauth finds them."""

from allauth.account import views as signing
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path, re_path

from accounts import elsewhere, passkeys, resetting, security, sessions

_entrance = [
    path("account/login/", signing.login, name="account_login"),
    path("account/logout/", signing.logout, name="account_logout"),
    path("account/inactive/", signing.account_inactive, name="account_inactive"),
    path("account/signup/", signing.signup, name="account_signup"),
    path("account/passkey/", passkeys.sign_in, name="mfa_login_webauthn"),
    path("account/code/", factors.authenticate, name="mfa_authenticate"),
    path("account/trust/", factors.trust, name="mfa_trust"),
    path("account/password/reset/", resetting.ask, name="account_reset_password"),
    path("account/password/reset/done/", signing.password_reset_done, name="account_reset_password_done"),
    # A key holds hyphens too.
    re_path(
        r"^account/password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[-\w]+)/$",
        signing.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/password/chosen/", signing.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("account/address/confirm/<str:key>/", signing.confirm_email, name="account_confirm_email"),
]

_confirming = [
    path("account/reauthenticate/", signing.reauthenticate, name="account_reauthenticate"),
    path("account/reauthenticate/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("account/reauthenticate/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
]

# What django-allauth spreads over several screens is one here.
_security = [
    path("settings/security/", security.security, name=name)
    for name in ("security", "mfa_index", "mfa_list_webauthn", "usersessions_list")
]

_elsewhere = [
    path("account/elsewhere/<str:provider_id>/", elsewhere.sign_in, name="openid_connect_login"),
    path("account/elsewhere/<str:provider_id>/back/", oidc.callback, name="openid_connect_callback"),
    path("account/elsewhere-cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/elsewhere-failed/", social.login_error, name="socialaccount_login_error"),
]

urlpatterns = [
    *_entrance,
    *_elsewhere,
    *_confirming,
    *_security,
    path("account/password/change/", signing.password_change, name="account_change_password"),
    path("account/password/set/", resetting.set_first, name="account_set_password"),
    path("settings/security/address/", resetting.address, name="account_email"),
    path("settings/security/app/", app.activate_totp, name="mfa_activate_totp"),
    path("settings/security/app/remove/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("settings/security/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("settings/security/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("settings/security/passkeys/new/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("settings/security/passkeys/<str:key>/", passkeys.rename, name="mfa_edit_webauthn"),
    path("settings/security/passkeys/<str:key>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
    path("settings/security/sessions/end/", sessions.end_one, name="session_end"),
    path("settings/security/sessions/end-others/", sessions.end_others, name="session_end_others"),
]
