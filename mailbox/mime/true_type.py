"""What the first octets of a file show it to be, for the types that occur in mail.

A table of its own: libraries that know hundreds of types name some by two octets, and cost more than reading the file.
"""

import codecs
import re

LOOKED_AT = 4_096
_UNKNOWN = "application/octet-stream"
_ZIP, _OLE, _XML = "application/zip", "application/x-ole-storage", "application/xml"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"PK\x05\x06", _ZIP),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    (0, b"#!", "text/x-script"),
)
# Names of these types are many for the same octets, and one container serves both.
_SOUND = ("audio/", "video/")
_PROGRAM = "application/vnd.microsoft.portable-executable"
# Every file of these types begins as the table says; one that does not is something else.
_ALWAYS_SIGNED = frozenset(media_type for _, _, media_type in _SIGNATURES if media_type.startswith("image/"))
_ALWAYS_SIGNED |= {"application/pdf", _ZIP}
# Names of files near the beginning of an archive.
_ARCHIVES = (
    (b"word/", _OFFICE + "wordprocessingml.document"),
    (b"xl/", _OFFICE + "spreadsheetml.sheet"),
    (b"ppt/", _OFFICE + "presentationml.presentation"),
    (b"AndroidManifest.xml", "application/vnd.android.package-archive"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
)
_OPEN_DOCUMENT = re.compile(rb"mimetype(application/[a-z0-9.+-]{5,80})PK")
_PREFACE = rb"(?:\xef\xbb\xbf)?+\s*+(?>(?><!--.{0,500}?-->|<[?!](?!doctype\s+html|--)[^>]{0,500}+>)\s*+)*+"
_HTML = re.compile(_PREFACE + rb"<(?:!doctype\s+html|html|head|body|script|iframe)\b", re.I | re.S)
_SVG = re.compile(_PREFACE + rb"<svg\b", re.I | re.S)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def true_type(head: bytes, label: str) -> str:
    """The media type of a file that begins with `head`: `label` unless the octets show that it is another.

    `head` should be the first 4,096 octets, or all. Containers (zip, OLE, XML) leave the label as it is where it may
    name what they contain.
    """
    found = _found(head)
    if not found:
        return _unsigned(head, label)
    if found in (_ZIP, _OLE, _XML) and _may_be_inside(label):
        return label
    return label if found.startswith(_SOUND) and label.startswith(_SOUND) else found


def _found(head: bytes) -> str:
    media_type = next((each for at, mark, each in _SIGNATURES if head.startswith(mark, at)), "")
    if media_type == _ZIP:
        return _archive(head)
    if media_type:
        return media_type
    if head[:2] == b"MZ" and len(head) > 64 and _CONTROL.search(head, 0, 64):
        return _PROGRAM
    if b"%PDF-" in head[:1_024]:
        return "application/pdf"
    return _markup(head)


def _archive(head: bytes) -> str:
    if document := _OPEN_DOCUMENT.search(head, 0, 200):
        return document[1].decode("ascii")
    return next((media_type for name, media_type in _ARCHIVES if name in head), _ZIP)


def _markup(head: bytes) -> str:
    if _SVG.match(head):
        return "image/svg+xml"
    if _HTML.match(head):
        return "text/html"
    return _XML if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") else ""


def _unsigned(head: bytes, label: str) -> str:
    if label not in _ALWAYS_SIGNED and label != _UNKNOWN:
        return label
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _UNKNOWN
    return _UNKNOWN if not head or _CONTROL.search(head) else "text/plain"


def _may_be_inside(label: str) -> bool:
    """Whether files of that type may be containers, as those of most programs are."""
    if label.endswith(("+xml", "/xml", "+zip")):
        return True
    is_medium = label.startswith(("text/", "image/", "audio/", "video/"))
    return not is_medium and label not in ("application/pdf", _UNKNOWN)
