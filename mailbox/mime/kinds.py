"""What kind of file an attachment is, for its drawing and its word; what it may do is decided by its octets."""

from enum import StrEnum

_LONGEST_WORD = 5


class Kind(StrEnum):
    """Kinds that people tell apart."""

    PICTURE = "picture"
    PDF = "pdf"
    TEXT = "text"
    SHEET = "sheet"
    SLIDES = "slides"
    ARCHIVE = "archive"
    SOUND = "sound"
    FILM = "film"
    CALENDAR = "calendar"
    CONTACT = "contact"
    MESSAGE = "message"
    SIGNATURE = "signature"
    CODE = "code"
    PROGRAM = "program"
    """What a computer runs when it is opened."""
    OTHER = "other"


def kind_of(file_name: str, media_type: str) -> Kind:
    """Return the kind by the ending of the name, which decides on the reader's machine, else by the media type.

    With a part's true type, what is a program by its octets is one under any name.
    """
    if media_type in _PROGRAMS:
        return Kind.PROGRAM
    main = media_type.partition("/")[0]
    by_type = _BY_TYPE.get(media_type) or _BY_MAIN_TYPE.get(main, Kind.OTHER)
    return _BY_ENDING.get(ending(file_name), by_type)


def word_of(file_name: str, media_type: str) -> str:
    """Return the kind in the letters of its ending (PDF, DOCX), or of its media type; may be empty."""
    word = ending(file_name) or _plain_subtype(media_type)
    return word.upper() if len(word) <= _LONGEST_WORD else ""


def ending(file_name: str) -> str:
    """Return what stands behind the last dot, in small letters."""
    return file_name.rpartition(".")[2].strip().lower() if "." in file_name else ""


def _plain_subtype(media_type: str) -> str:
    subtype = media_type.partition("/")[2]
    return subtype if subtype.isalpha() and subtype not in ("plain", "octet") else ""


_ENDINGS = {
    Kind.PICTURE: "png jpg jpeg gif webp heic heif tif tiff bmp svg avif",
    Kind.PDF: "pdf",
    Kind.TEXT: "txt md doc docx odt rtf pages log",
    Kind.SHEET: "xls xlsx ods csv tsv numbers",
    Kind.SLIDES: "ppt pptx odp key",
    Kind.ARCHIVE: "zip 7z rar tar gz tgz bz2 xz zst",
    Kind.SOUND: "mp3 m4a ogg opus wav flac aac",
    Kind.FILM: "mp4 mov webm mkv avi m4v",
    Kind.CALENDAR: "ics",
    Kind.CONTACT: "vcf",
    Kind.MESSAGE: "eml msg",
    Kind.SIGNATURE: "asc sig p7s p7m pgp gpg",
    Kind.CODE: "html htm xhtml xml json yaml yml py c h css diff patch",
    Kind.PROGRAM: "exe com scr pif bat cmd msi msix js jse vbs vbe wsf wsh ps1 hta lnk jar cpl reg iso img dmg pkg app "
    "apk sh command docm xlsm pptm one url",
}
_PROGRAMS = frozenset(
    {
        "application/vnd.microsoft.portable-executable",
        "application/x-executable",
        "application/x-ms-shortcut",
        "application/vnd.android.package-archive",
        "application/java-archive",
    }
)
_BY_ENDING = {each: kind for kind, endings in _ENDINGS.items() for each in endings.split()}
_BY_MAIN_TYPE = {
    "image": Kind.PICTURE,
    "text": Kind.TEXT,
    "audio": Kind.SOUND,
    "video": Kind.FILM,
    "message": Kind.MESSAGE,
}
_BY_TYPE = {
    "application/pdf": Kind.PDF,
    "application/zip": Kind.ARCHIVE,
    "text/csv": Kind.SHEET,
    "text/calendar": Kind.CALENDAR,
    "text/vcard": Kind.CONTACT,
    "text/x-vcard": Kind.CONTACT,
    "text/html": Kind.CODE,
    "text/xml": Kind.CODE,
    "application/pgp-signature": Kind.SIGNATURE,
    "application/pkcs7-signature": Kind.SIGNATURE,
    "application/x-pkcs7-signature": Kind.SIGNATURE,
    "application/pkcs7-mime": Kind.SIGNATURE,
    "message/delivery-status": Kind.TEXT,
}
