"""The site as an app on a device: installed, following what happens, telling of new mail."""

from django.urls import path

from mailbox.views import beside, first_run, installing, live, notifications, take_in

urlpatterns = [
    path("live/", live.live, name="live"),
    path("beside/", beside.beside, name="beside"),
    path("live/list/", live.listing, name="live_list"),
    path("live/list/part/", live.part, name="live_part"),
    path("live/counters/", live.counters, name="counters"),
    path("live/news/", notifications.came, name="news"),
    path("accounts/<str:key>/import/", take_in.take_in, name="take_in"),
    path("accounts/<str:key>/import/<str:import_key>/stop/", take_in.stop, name="take_in_stop"),
    path("accounts/<str:key>/arriving/", first_run.arriving, name="arriving"),
    path("settings/notifications/", notifications.notifications, name="notifications"),
    path("settings/notifications/key/", notifications.push_key, name="push_key"),
    path("settings/notifications/subscribe/", notifications.subscribe, name="push_subscribe"),
    path("settings/notifications/unsubscribe/", notifications.unsubscribe, name="push_unsubscribe"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("worker.js", installing.worker, name="worker"),
    path("offline/", installing.offline, name="offline"),
]
