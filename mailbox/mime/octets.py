"""Octets in one named codec to text, where the codec is right but for some octets."""

import codecs

# What the standard codec refuses and mailers write all the same: the later sets of the same family.
_LARGER: dict[str, tuple[str, ...]] = {
    "big5hkscs": ("cp950",),
    "cp932": ("shift_jis_2004",),
    "euc_jp": ("euc_jis_2004",),
}
_EURO = "letterbox-euro"


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Code page 936 has the euro sign at 80, which GB 18030 leaves free."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return ("€" if error.object[error.start] == 0x80 else "\ufffd"), error.start + 1


codecs.register_error(_EURO, _euro)


def decode_or_utf8(octets: bytes, codec: str) -> str:
    """The text by `codec` or a larger set of its family, by UTF-8 where it is that, else with U+FFFD in it."""
    for each in (codec, "utf-8", *_LARGER.get(codec, ())):
        try:
            return octets.decode(each)
        except (UnicodeError, LookupError):
            continue
    return octets.decode(codec, _EURO if codec == "gb18030" else "replace")
