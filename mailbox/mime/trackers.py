"""Images that report the reading of a message: too small to be seen, hidden for good, or at an address known for it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

_BIGGEST = 2
_NUMBER = re.compile(r"\s*([0-9]{1,6})(?:\.[0-9]+)?\s*(?:px)?\s*\Z", re.I)
_STYLE_SIZE = re.compile(
    r"(?:^|[;\s])(?:max-)?(width|height)\s*:\s*([0-9]{1,6})(?:\.[0-9]+)?(?:px)?(?=\s*(?:!|;|\Z))", re.I
)
_HIDDEN = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0*(?:\.0+)?\s*(?:!|;|\Z))", re.I
)
# Addresses by which large mailing services and analytics count openings; they send no picture that anybody sees.
_HOSTS = frozenset(
    (
        "mailfoogae.appspot.com",
        "mailtrack.io",
        "pixel.mailtrack.io",
        "r.superhuman.com",
        "t.yesware.com",
        "www.google-analytics.com",
        "google-analytics.com",
        "api.mixpanel.com",
    )
)
_PATHS = re.compile(
    r"""/track/open\.php          # Mailchimp, Mandrill
      | /wf/open(?:/|\Z)          # SendGrid
      | /open\.aspx\Z             # Salesforce Marketing Cloud
      | /on\.jsp\Z                # Constant Contact
      | /e3t/cto/                 # HubSpot
      | /e/o/[\w=-]{20,}\Z        # Customer.io
    """,
    re.I | re.X,
)
_HOST_PATHS = (
    ("facebook.com", "/tr"),
    ("awstrack.me", "/i0/"),
    ("pstmrk.it", "/open"),
    ("via.intercom.io", "/o"),
    ("klaviyomail.com", "/o/"),
)
_ENDS = tuple(f".{host}" for host, _ in _HOST_PATHS)


def is_pixel(attributes: Mapping[str, str]) -> bool:
    """Whether an `img` with these attributes is at most 2 x 2 CSS pixels, or hidden so that no style sheet shows it."""
    is_hidden, styled = _styled(attributes.get("style", ""))
    if (is_hidden or "hidden" in attributes) and not _may_be_shown(attributes):
        return True
    sizes = dict(styled)
    for name in ("width", "height"):
        given = _NUMBER.match(attributes.get(name, ""))
        if given:
            sizes.setdefault(name, int(given[1]))
    return (len(sizes) == 2 and max(sizes.values()) <= _BIGGEST) or 0 in sizes.values()


def _may_be_shown(attributes: Mapping[str, str]) -> bool:
    """Whether a rule of the message can name this image: newsletters hide what only phones are to see."""
    return bool(attributes.get("class", "").strip() or attributes.get("id", "").strip())


@lru_cache(maxsize=1_024)
def _styled(style: str) -> tuple[bool, tuple[tuple[str, int], ...]]:
    """Whether a `style` hides its element, and the sizes that it gives; the images of a newsletter share a few."""
    sizes = tuple((name.lower(), int(size)) for name, size in _STYLE_SIZE.findall(style))
    return _HIDDEN.search(style) is not None, sizes


def is_known_tracker(address: str) -> bool:
    """Whether an absolute address belongs to a service that reports when a message was opened."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    host, path = parts.hostname or "", parts.path.lower()
    if host in _HOSTS or _PATHS.search(path):
        return True
    whole = f".{host}"
    if not whole.endswith(_ENDS):
        return False
    return any(
        whole.endswith(end) and path.startswith(start) for end, (_, start) in zip(_ENDS, _HOST_PATHS, strict=True)
    )
