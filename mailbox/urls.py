"""The screens of the mail. Every key in them is random: nothing can be counted up."""

from django.urls import include, path

from mailbox.views import actions, body, conversation, followed, health, inbox, remote, rest, search

urlpatterns = [
    path("", include("mailbox.urls_lists")),
    path("", include("mailbox.urls_team")),
    path("", inbox.listing, {"key": "inbox"}, name="inbox"),
    path("archive/", inbox.listing, {"key": "archive"}, name="archive"),
    path("sent/", inbox.listing, {"key": "sent"}, name="sent"),
    path("starred/", inbox.listing, {"key": "starred"}, name="starred"),
    path("trash/", inbox.listing, {"key": "trash"}, name="trash"),
    path("search/", search.search, name="search"),
    path("m/<str:key>/", conversation.conversation, name="conversation"),
    path("m/<str:key>/body/", body.body, name="body"),
    path("m/<str:key>/", include("mailbox.urls_files")),
    path("m/<str:key>/rest/", rest.rest, name="rest"),
    path("m/<str:key>/followed/", followed.followed, name="followed"),
    path("m/<str:key>/standing/", followed.standing, name="standing"),
    path("m/<str:key>/", include("mailbox.urls_remote")),
    path("m/<str:key>/<slug:verb>/", actions.act, name="act"),
    path("settings/images/", remote.trusted_senders, name="trusted_senders"),
    path("settings/images/ask/", remote.distrust, name="distrust"),
    path("healthz", health.health, name="healthz"),
    path("", include("mailbox.urls_app")),
    path("", include("mailbox.urls_acts")),
    path("", include("mailbox.urls_writing")),
]
