"""What people do with conversations, and the lists and settings that come of it."""

from django.urls import path

from mailbox.views import actions, choices, export, inbox, labels, throwing_out

urlpatterns = [
    path("snoozed/", inbox.listing, {"key": "snoozed"}, name="snoozed"),
    path("spam/", inbox.listing, {"key": "spam"}, name="spam"),
    path("label/<str:key>/", inbox.labelled, name="label"),
    path("trash/empty/", throwing_out.empty, {"key": "trash"}, name="empty_trash"),
    path("spam/empty/", throwing_out.empty, {"key": "spam"}, name="empty_spam"),
    path("m/<str:key>/choices/<slug:of>/", choices.choices, name="choices"),
    path("undo/<str:key>/", actions.undo, name="undo"),
    path("settings/export/", export.export, name="export"),
    path("settings/export/<str:key>/file/", export.export_file, name="export_file"),
    path("settings/export/<str:key>/delete/", export.export_delete, name="export_delete"),
    path("settings/labels/", labels.labels, name="labels"),
    path("settings/labels/<str:key>/", labels.label, name="label_edit"),
    path("settings/labels/<str:key>/delete/", labels.delete, name="label_delete"),
]
