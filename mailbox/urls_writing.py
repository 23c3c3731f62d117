"""The screens of writing and sending."""

from django.urls import path

from mailbox.views import compose, contacts, drafts, keeping, later, outbox, pictures

urlpatterns = [
    path("compose/", compose.compose, name="compose"),
    path("compose/<str:key>/", compose.edit, name="draft"),
    path("contacts/", contacts.complete, name="contacts"),
    path("compose/<str:key>/stamp/", keeping.stamp, name="draft_stamp"),
    path("compose/<str:key>/pictures/<str:file_key>/", pictures.picture, name="draft_picture"),
    path("settings/contacts/", contacts.listing, name="contact_list"),
    path("settings/contacts/<str:key>/forget/", contacts.forget, name="contact_forget"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/<str:key>/discard/", drafts.discard, name="draft_discard"),
    path("drafts/<str:key>/bring-back/", drafts.bring_back, name="draft_bring_back"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<str:key>/state/", outbox.state, name="outbox_state"),
    path("outbox/<str:key>/retry/", outbox.retry, name="outbox_retry"),
    path("outbox/<str:key>/settle/", outbox.settle, name="outbox_settle"),
    path("outbox/<str:key>/seen/", outbox.seen, name="outbox_seen"),
    path("outbox/<str:key>/when/", later.change, name="outbox_when"),
    path("outbox/<str:key>/cancel/", outbox.cancel, name="outbox_cancel"),
]
