"""What one message has to do with the web: images from elsewhere, and the way out of its list."""

from django.urls import path

from mailbox.views import list_mail, remote

urlpatterns = [
    path("images/", remote.remote_choice, name="remote_choice"),
    path("remote/<str:token>/", remote.remote_image, name="remote_image"),
    path("unsubscribe/", list_mail.unsubscribe, name="unsubscribe"),
]
