"""What leads through the lists: selections, the next conversation, the keys."""

from django.urls import path

from mailbox.views import keyboard, neighbours, selection, selection_choices

urlpatterns = [
    path("selection/", selection.act_on_selection, name="selection"),
    path("selection/choices/<slug:of>/", selection_choices.selection_choices, name="selection_choices"),
    path("selection/<str:key>/", selection.progress, name="bulk"),
    path("selection/<str:key>/stop/", selection.stop, name="bulk_stop"),
    path("selection/<str:key>/undo/", selection.undo, name="bulk_undo"),
    path("m/<str:key>/below/", neighbours.neighbour, {"way": "below"}, name="below"),
    path("m/<str:key>/above/", neighbours.neighbour, {"way": "above"}, name="above"),
    path("settings/keyboard/", keyboard.keyboard, name="keyboard"),
]
