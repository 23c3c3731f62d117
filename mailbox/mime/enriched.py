"""text/enriched (RFC 1896) and its elder text/richtext (RFC 1341, 7.1.3) as plain text."""

import re

_COMMAND = re.compile(r"<<|<(/?[A-Za-z0-9-]{1,60})>")
_LONGEST = 1_000_000
_LINE_ENDS = re.compile(r"\n+")
# Commands whose content says how the text looks, or is no text.
_HIDDEN = frozenset({"param", "comment"})
_RICHTEXT = {"lt": "<", "nl": "\n", "np": "\n", "/paragraph": "\n\n", "/heading": "\n"}


def enriched_text(text: str) -> str:
    """The text of text/enriched: one line end is a space, more are one less. Commands are read in its first million
    characters only.
    """
    parts = _COMMAND.split(_LINE_ENDS.sub(_fold, text[:_LONGEST].replace("\r\n", "\n")))
    return _shown(parts, {}) + text[_LONGEST:]


def richtext_text(text: str) -> str:
    """The text of text/richtext, where line ends mean nothing and `<nl>` is one."""
    parts = _COMMAND.split(text[:_LONGEST].replace("\r\n", " ").replace("\n", " "))
    return _shown(parts, _RICHTEXT) + text[_LONGEST:]


def _fold(ends: re.Match[str]) -> str:
    return "\n" * (len(ends[0]) - 1) or " "


def _shown(parts: list[str | None], characters: dict[str, str]) -> str:
    """Text and commands in turn; `<<` comes as a command without a name."""
    shown: list[str] = []
    hidden = 0
    for at, part in enumerate(parts):
        command = (part or "").lower()
        if at % 2 and command.lstrip("/") in _HIDDEN:
            hidden = max(0, hidden + (-1 if command[0] == "/" else 1))
        elif not hidden and at % 2:
            shown.append("<" if part is None else characters.get(command, ""))
        elif not hidden:
            shown.append(part or "")
    return "".join(shown)
