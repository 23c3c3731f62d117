"""What a team does in its mailboxes: its lists, its notes, and who is answering."""

from django.urls import path

from mailbox.views import inbox, team

urlpatterns = [
    path("team/mine/", inbox.team_listing, {"key": "team_mine"}, name="team_mine"),
    path("team/unassigned/", inbox.team_listing, {"key": "team_unassigned"}, name="team_unassigned"),
    path("team/done/", inbox.team_listing, {"key": "team_done"}, name="team_done"),
    path("m/<str:key>/team/", team.now, name="team_now"),
    path("m/<str:key>/note/", team.note, name="note_add"),
    path("m/<str:key>/answering/", team.answering, name="answering"),
    path("note/<str:key>/", team.change_note, name="note"),
]
