"""Names for attachments that every file system takes and that cannot mislead a reader."""

import re
from unicodedata import normalize

from mailbox.mime.words import clean

_SEPARATORS = re.compile(r"[\\/]")
_FORBIDDEN = re.compile(r'[<>:"|?*\u200b-\u200d\u00ad\u034f\u2060-\u2064\ufffd]')
_SPACE = re.compile(r"\s+")
# Windows takes these for devices, whatever ending follows.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[\d¹²³])\s*(?:\.|$)", re.I)
_LONGEST_OCTETS = 200  # file systems take 255; a copy's number and a suffix must still fit
_LONGEST_EXTENSION = 16
_EXTENSIONS = {
    "message/rfc822": "eml",
    "message/global": "eml",
    "message/news": "eml",
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/markdown": "md",
    "text/rfc822-headers": "txt",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/external-body": "txt",
    "message/partial": "txt",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "image/heic": "heic",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/gzip": "gz",
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "rar",
    "application/json": "json",
    "application/xml": "xml",
    "application/rtf": "rtf",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/ms-tnef": "dat",
    "application/pgp-signature": "asc",
    "application/pgp-keys": "asc",
    "application/pgp-encrypted": "asc",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}
# The other way round; of several types with one ending, the first.
_MEDIA_TYPES = {extension: media_type for media_type, extension in reversed(_EXTENSIONS.items())}
_MEDIA_TYPES |= {"jpeg": "image/jpeg", "htm": "text/html", "tiff": "image/tiff", "log": "text/plain"}
del _MEDIA_TYPES["dat"], _MEDIA_TYPES["asc"]


def media_type_of(name: str) -> str:
    """What a file is by the end of its name, where nothing else says it."""
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def safe_name(name: str) -> str:
    """`name` without folders, forbidden and invisible characters, at most 200 octets; may be empty."""
    name = _SEPARATORS.split(clean(name).rstrip("/\\"))[-1]
    # Macintosh mailers take letters and their accents apart, which other systems show side by side.
    name = normalize("NFC", name)
    name = _SPACE.sub(" ", _FORBIDDEN.sub("_", name)).strip(". ")
    if _RESERVED.match(name) or name.startswith(("-", "~")):
        name = "_" + name
    return _shorten(name)


def made_up_name(media_type: str, number: int, *, title: str = "") -> str:
    """A name for an attachment that came without one: its title, else `attachment-<number>`, and an extension."""
    stem = safe_name(title[:100]) or f"attachment-{number}"
    extension = _EXTENSIONS.get(media_type, "bin")
    return stem if stem.lower().endswith("." + extension) else f"{stem}.{extension}"


def _shorten(name: str) -> str:
    if len(name.encode()) <= _LONGEST_OCTETS:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > _LONGEST_EXTENSION:
        stem, extension = name, ""
    room = _LONGEST_OCTETS - len((dot + extension).encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ")
    return f"{stem}.{extension}" if extension else stem
