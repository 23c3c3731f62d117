"""The site as an app on a device: installed, following what happens, telling of new mail."""

from django.urls import path

from mailbox.views import installing, live

urlpatterns = [
    path("live/", live.live, name="live"),
    path("live/list/", live.listing, name="live_list"),
    path("live/counters/", live.counters, name="counters"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("worker.js", installing.worker, name="worker"),
    path("offline/", installing.offline, name="offline"),
]
