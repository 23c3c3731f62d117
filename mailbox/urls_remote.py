"""What one message asks of the outside: images from elsewhere, the way out of its list, a word that it was read."""

from django.urls import path

from mailbox.views import enclosed, list_mail, receipt, remote

urlpatterns = [
    path("images/", remote.remote_choice, name="remote_choice"),
    path("part/<places:places>/images/", enclosed.images, name="enclosed_images"),
    path("remote/<str:token>/", remote.remote_image, name="remote_image"),
    path("receipt/", receipt.confirm, name="receipt"),
    path("unsubscribe/", list_mail.unsubscribe, name="unsubscribe"),
]
