"""What a web server loads."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")

from webmail.serving import sharing

application = sharing(get_wsgi_application())

# After Django is set up.
from webmail.warming import warm  # noqa: E402

warm()

# SQLite: a connection lives as long as its thread. To open one, with all that is said to it first, takes a poll three
# times as long as its questions. Its pages are kept with it, so there may be fewer of them (octets: 8 MB).
for settings in connections.settings.values():
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["CONN_MAX_AGE"] = None
        settings["OPTIONS"] = settings["OPTIONS"] | {
            "init_command": settings["OPTIONS"]["init_command"] + "PRAGMA cache_size=-8192;"
        }
