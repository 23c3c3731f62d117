"""What the first reader of a process would wait for, done when it starts: views are imported, templates compiled."""

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver


def warm() -> None:
    """Import every view and compile every template of ours; some megabytes, and half a second of a quiet machine."""
    # Whoever asks for one address has them all read.
    _ = get_resolver().reverse_dict
    folder = settings.BASE_DIR / "templates"
    for path in folder.rglob("*.html"):
        get_template(path.relative_to(folder).as_posix())
