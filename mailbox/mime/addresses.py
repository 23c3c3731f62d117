"""Address lists (RFC 5322, 3.4): groups, comments, quotes, obsolete routes, and the many ways to get them wrong."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbox.mime.words import clean, decode, raw


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the name people gave it, and `local-part@domain`; either may be empty."""

    name: str
    address: str

    @property
    def display(self) -> str:
        """What a list shows: the name, else the address."""
        return self.name or self.address


_NO_SPECIALS = r'[^<>@\s"(),:;\\\[\]]++'
_ADDR_SPEC = rf"({_NO_SPECIALS}@{_NO_SPECIALS})"
_PLAIN = re.compile(rf'(?:"([^"\\=]++)"|([^"\\(),:;<>@=\[\]]*+))\s*<{_ADDR_SPEC}>|{_ADDR_SPEC}')
_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*+)"'
    r"|(?P<comment>\()"
    r"|<(?P<angle>[^<>]*+)>?"
    r"|(?P<separator>[,;:])"
    r"|(?P<encoded>=\?[^?\s]++\?[bBqQ]\?[^?]*+\?=)"
    r'|(?P<word>(?:\[[^\]\s]*+\]|\\.|[^"(<,;:\s\\\[])++)'
    r"|\s++|.",
    re.S,
)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_AROUND_MARK = re.compile(r"(?<![ ]) *([@.]) *")  # blanks that RFC 822 allowed inside an address
_SPACE = re.compile(r"\s+")


def addresses(value: bytes | str, *, limit: int = 5_000) -> tuple[Address, ...]:
    """The mailboxes of an address field in order, at most `limit`; groups are dissolved, empty ones vanish."""
    text = raw(value).strip()
    if text.isascii() and (plain := _PLAIN.fullmatch(text)):
        return (Address(_unquoted(clean(plain[1] or plain[2] or "")), _unquoted(plain[3] or plain[4])),)
    found: list[Address] = []
    for address in _Reader(text).mailboxes():
        found.append(address)
        if len(found) == limit:
            break
    return tuple(found)


@dataclass(slots=True)
class _Reader:
    text: str
    words: list[str] = field(default_factory=list)  # as shown
    spec: list[str] = field(default_factory=list)  # the same as they stand in a bare address
    comments: list[str] = field(default_factory=list)
    angle: str | None = None

    def mailboxes(self) -> Iterator[Address]:
        at = 0
        while at < len(self.text):
            token = _TOKEN.match(self.text, at)
            assert token  # its last alternative takes any character
            at = token.end()
            if token.lastgroup == "comment":
                at = self._read_comment(at)
            elif token.lastgroup == "separator":
                yield from self._flush(is_group_name=token[0] == ":")
            else:
                self._read(token)
        yield from self._flush()

    def _read(self, token: re.Match[str]) -> None:
        if token.lastgroup == "angle":
            self.angle = token["angle"]
        elif token.lastgroup == "quoted":
            self.words.append(_ESCAPED.sub(r"\1", token["quoted"]))
            self.spec.append(token[0])
        elif token.lastgroup and token[0] != ">":  # what is left of angles inside angles
            self.words.append(token[0])
            self.spec.append(token[0])
        elif not token.lastgroup:
            self.spec.append(" ")

    def _read_comment(self, start: int) -> int:
        depth, at = 1, start
        while depth and (mark := _COMMENT_MARK.search(self.text, at)):
            at = mark.end()
            depth += {"(": 1, ")": -1}.get(mark[0], 0)
        end = at - 1 if depth == 0 else len(self.text)
        self.comments.append(_ESCAPED.sub(r"\1", self.text[start:end]))
        return end + 1

    def _flush(self, *, is_group_name: bool = False) -> Iterator[Address]:
        if not is_group_name:
            yield from (each for each in self._mailboxes() if each.name or each.address)
        self.words, self.spec, self.comments, self.angle = [], [], [], None

    def _mailboxes(self) -> list[Address]:
        """One, or more where only blanks stand between bare addresses."""
        if self.angle is not None:
            return [Address(self._name(self.words), _addr_spec(self.angle))]
        bare = "".join(self.spec).strip()
        if " " not in bare or '"@' in bare or '" @' in bare:
            return [self._bare(bare)]
        specs = [word for word in self.words if "@" in word.strip("@")]
        if len(specs) == len(self.words) > 1:
            return [Address("", _addr_spec(spec)) for spec in specs]
        if not specs and "@" in bare and " " not in (joined := _AROUND_MARK.sub(r"\1", bare)):
            return [self._bare(joined)]
        if not specs:
            return [Address(self._name(self.words), "")]
        return [Address(self._name([word for word in self.words if word != specs[-1]]), _addr_spec(specs[-1]))]

    def _bare(self, spec: str) -> Address:
        """An address with a name in a comment, or the other way round."""
        comment = " ".join(self.comments)
        if "@" in comment and "@" not in spec and " " not in comment:
            return Address(decode(spec), _addr_spec(comment))
        return Address(self._name([]), _addr_spec(spec))

    def _name(self, words: list[str]) -> str:
        name = decode(" ".join(words)) if words else ""
        if not name and self.comments:
            name = decode(" ".join(self.comments))
        return _unquoted(name)


def _unquoted(name: str) -> str:
    """Outlook puts names it learnt from addresses, and sometimes addresses, into single quotes."""
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "'" else name


def _addr_spec(text: str) -> str:
    """An address without white space; of an obsolete route (RFC 5322, 4.4) only its end is kept."""
    text = text.strip()
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    if text.lower().startswith("mailto:"):
        text = text[7:]
    if '"' not in text:
        text = _SPACE.sub("", text)
    return _unquoted(clean(text))
