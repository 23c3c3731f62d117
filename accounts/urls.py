"""Signing in, settings, accounts. An account's key is random: nothing can be counted up."""

from django.urls import include, path

from accounts import aliases, appearance, handing, inviting, leaving, moving, setting_up, sharing, views
from accounts.confirming import confirmed
from accounts.oauth import views as oauth

urlpatterns = [
    path("", include("accounts.signing_urls")),
    path("settings/", views.settings, name="settings"),
    path("settings/appearance/", appearance.appearance, name="appearance"),
    path("settings/identities/", views.identities, name="identities"),
    path("settings/identities/new/", aliases.add, name="alias_new"),
    path("settings/identities/remove/", aliases.remove, name="alias_remove"),
    path("settings/invitations/", inviting.invitations, name="invitations"),
    path("settings/invitations/take-back/", inviting.take_back, name="invitation_take_back"),
    path("settings/leave/", leaving.leave, name="leave"),
    path("settings/stay/", leaving.stay, name="stay"),
    path("invitation/<str:token>/", inviting.invitation, name="invitation"),
    path("accounts/", views.listing, name="accounts"),
    path("accounts/move/", moving.move, name="move"),
    path("accounts/move/answers/", moving.answers, name="move_answers"),
    path("accounts/new/", views.account, name="account_new"),
    path("accounts/new/find/", setting_up.find, name="account_find"),
    path("accounts/new/test/", views.try_servers, name="account_test"),
    path("accounts/new/recent/", views.recent_mode, name="recent_mode"),
    path("accounts/new/sign-in/", oauth.begin, name="oauth_begin"),
    path("accounts/sign-in/code/", oauth.by_code, name="oauth_by_code"),
    path("accounts/sign-in/<str:server>/back/", oauth.back, name="oauth_back"),
    path("accounts/<str:key>/sign-in/", oauth.again, name="oauth_again"),
    # Who changes a server sends a stored password there.
    path("accounts/<str:key>/", confirmed(views.account), name="account"),
    path("accounts/<str:key>/test/", views.try_servers, name="account_test"),
    path("accounts/<str:key>/check/", views.check_now, name="check_now"),
    path("accounts/<str:key>/health/", views.health, name="account_health"),
    path("accounts/<str:key>/notice/", views.notice_seen, name="notice_seen"),
    path("accounts/<str:key>/log/", views.pull_log, name="pull_log"),
    path("accounts/<str:key>/delete/", views.delete, name="account_delete"),
    path("accounts/offered/<str:key>/", handing.offered, name="offered"),
    path("accounts/<str:key>/hand-over/", handing.offer, name="hand_over"),
    path("accounts/<str:key>/people/", sharing.sharing, name="sharing"),
    path("accounts/<str:key>/leave/", sharing.leave, name="account_leave"),
    path("accounts/<str:key>/hide/", sharing.hide, name="account_hide"),
]
