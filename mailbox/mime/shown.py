"""Which attached files may be shown by a browser, and as what: the octets decide, not the label (threat 17)."""

from mailbox.mime.part import Part

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PDF = "application/pdf"
TEXT = "text/plain"
_LOOKED_AT = 512
# Types whose file is text to its reader.
_ALSO_TEXT = frozenset({"application/json", "application/x-yaml", "application/yaml", "application/toml"})
_NO_TEXT = frozenset({"text/html", "text/xml", "text/rtf"})


def shown_type(part: Part) -> str:
    """Return the media type as which `part` may be shown, "" where it can only be downloaded.

    A picture or a PDF is one by its first octets, whatever it is called; text holds no NUL. HTML, SVG and XML are never
    shown, for a browser might run what is in them.
    """
    found = part.true_type
    if found in PICTURES or found == PDF:
        return found
    is_text = found in _ALSO_TEXT or (found.startswith("text/") and found not in _NO_TEXT)
    return TEXT if is_text and b"\x00" not in part.head(_LOOKED_AT) else ""
