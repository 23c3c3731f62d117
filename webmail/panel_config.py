"""Has Django's admin use our panel. Apart from it, since the panel needs every application to be loaded."""

from django.contrib.admin.apps import AdminConfig


class PanelConfig(AdminConfig):
    default_site = "webmail.panel.Panel"
