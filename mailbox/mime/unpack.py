"""Files and texts that stand inside the content of a part: TNEF and uuencode, each made a part of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mailbox.mime.enclosed import Enclosed
from mailbox.mime.filenames import made_up_name, media_type_of, safe_name
from mailbox.mime.limits import Limits
from mailbox.mime.part import Part
from mailbox.mime.rtf import decompress, rtf_text
from mailbox.mime.tnef import COMPRESSED_RTF, RANKS, read_tnef
from mailbox.mime.uuencode import HINT, find_files, without

_TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef", "application/x-tnef")


@dataclass(slots=True)
class Roles:
    """The parts of a message, and which of them play which role."""

    parts: list[Part]
    bodies: list[Part]
    readable: list[Part]
    attachments: list[Part]
    defects: list[str] = field(default_factory=list)


def is_tnef(part: Part) -> bool:
    """Whether the part is a TNEF stream, by its label or by the name that Outlook gives it."""
    return part.media_type in _TNEF_TYPES or part.file_name.lower() == "winmail.dat"


def unpack_tnef(roles: Roles, limits: Limits) -> None:
    """Put the files of each TNEF stream in its place, and its text where the message has no other."""
    for stream in [part for part in roles.attachments if is_tnef(part)]:
        content = stream.content()
        found = read_tnef(content, limit=max(0, limits.parts_count - len(roles.parts)))
        if not roles.bodies and (body := _body(found.texts, content, found.code_page, limits)):
            _add(roles, [body])
            roles.bodies.append(roles.parts[-1])
            roles.readable.append(roles.parts[-1])
        elif not found.files and not found.texts:
            roles.defects += [] if found.is_tnef else ["TNEF that cannot be read"]
            continue
        _replace(roles, stream, [_file_of_tnef(each, content, limits) for each in found.files])


def unpack_uuencoded(roles: Roles, limits: Limits) -> None:
    """Take the files out of the plain texts."""
    texts = [part for part in roles.readable if _may_hold_files(part)]
    texts += [part for part in roles.bodies if part not in texts and _may_hold_files(part)]
    for body in texts:
        content = body.content()
        if not (files := find_files(content, limit=max(0, limits.parts_count - len(roles.parts)))):
            continue
        rest = without(content, files)
        text = replace(body, message=rest, start=0, end=len(rest), encoding="")
        for role in (roles.parts, roles.bodies, roles.readable):
            role[:] = [text if part.index == body.index else part for part in role]
        _replace(roles, None, [_file_of_text(each, content) for each in files])


def _may_hold_files(body: Part) -> bool:
    """Base64 would hide them, but who encodes the text has no reason to encode the files in it once more."""
    return body.media_type == "text/plain" and body.message.find(HINT, max(0, body.start - 1), body.end) >= 0


def _body(texts: Iterable[Enclosed], content: bytes, code_page: str, limits: Limits) -> Part | None:
    """The best rendering that holds anything."""
    parts = (_text(text, content, text.charset or code_page, limits) for text in texts)
    return next((part for part in parts if part.end > part.start), None)


def _text(text: Enclosed, content: bytes, charset: str, limits: Limits) -> Part:
    """A rendering; of RTF, the text."""
    part = _part(text, content, media_type=text.media_type, charset=charset)
    if text.media_type != COMPRESSED_RTF:
        return part
    octets = rtf_text(decompress(content[text.start : text.end], limit=limits.text_characters)).encode()
    return replace(part, media_type="text/plain", charset="utf-8", message=octets, start=0, end=len(octets))


def _file_of_tnef(file: Enclosed, content: bytes, limits: Limits) -> Part:
    if file.media_type in RANKS and file.charset:
        part = _text(file, content, file.charset, limits)
        return replace(part, file_name=made_up_name(part.media_type, 1, title=file.name or "message"))
    media_type = file.media_type if "/" in file.media_type else media_type_of(file.name)
    return replace(
        _part(file, content, media_type=media_type),
        file_name=safe_name(file.name),
        content_id=file.content_id.strip("<>"),
        is_inline=media_type.startswith("image/") and bool(file.content_id),
    )


def _file_of_text(file: Enclosed, content: bytes) -> Part:
    part = _part(file, content, media_type=media_type_of(file.name), encoding="x-uuencode")
    return replace(part, file_name=safe_name(file.name))


def _part(text: Enclosed, content: bytes, *, media_type: str, charset: str = "", encoding: str = "") -> Part:
    return Part(
        index=0,
        media_type=media_type,
        charset=charset,
        file_name="",
        content_id="",
        is_inline=False,
        encoding=encoding,
        message=content,
        start=text.start,
        end=text.end,
    )


def _add(roles: Roles, parts: Iterable[Part]) -> list[Part]:
    """Append parts, numbered on: the numbers of those that were there before do not change."""
    added = [
        replace(part, index=index, file_name=part.file_name or made_up_name(part.media_type, index + 1))
        for index, part in enumerate(parts, start=len(roles.parts))
    ]
    roles.parts += added
    return added


def _replace(roles: Roles, packed: Part | None, files: list[Part]) -> None:
    """Put files into the place of the attachment that held them, or at the end."""
    at = roles.attachments.index(packed) if packed else len(roles.attachments)
    roles.attachments[at : at + (packed is not None)] = _add(roles, files)
