"""Drafts with formatting: their HTML beside the text that is made of it, and the pictures that stand in it.

A draft keeps its HTML clean, as it will leave, with images named by `cid:`; the editor sees them at addresses on this
site. What a browser without scripts sends has no HTML: its text counts then, unless it is as it was shown.
"""

import re
from collections.abc import Iterable, Mapping

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Identity, MailAccount
from accounts.senders import Senders
from mailbox.answers import attribution, file_key, header_block
from mailbox.mime import outbound, signature
from mailbox.mime.as_html import EMPTY_LINE, as_html
from mailbox.mime.as_text import as_text
from mailbox.mime.compose import new_message_id
from mailbox.mime.parse import Parsed, Part
from mailbox.mime.shown import PICTURES
from mailbox.mime.true_type import LOOKED_AT, true_type
from mailbox.models import Draft, DraftFile, Message
from mailbox.uploads import attach, refer

# Beginning -----------------------------------------------------------------------------------------------------------


def begin(draft: Draft, files: list[DraftFile]) -> tuple[Draft, list[DraftFile]]:
    """Return a draft that was just prepared, rich where its writer likes that, and those files not shown in its text.

    Nothing is stored: pictures of the message that is quoted still lie there.
    """
    if not draft.writer.writes_rich:
        return draft, files
    draft.is_rich, draft.html = True, _beginning(draft)
    within = {file_key(draft.key, index) for index in _parts_shown(draft, draft.html)}
    return draft, [each for each in files if each.key not in within]


def _beginning(draft: Draft) -> str:
    above = EMPTY_LINE + (f"{EMPTY_LINE}{block}" if (block := signature_html(draft)) else "")
    if draft.parent is None:
        return above
    parsed = draft.parent.parsed()
    quote = _quotable(draft.parent, parsed)
    if draft.kind == Draft.Kind.FORWARD:
        return f"{above}{EMPTY_LINE}{as_html(header_block(draft.parent, parsed))}{EMPTY_LINE}{quote}"
    line = f'<div class="{outbound.ATTRIBUTION_CLASS}">{_escaped(attribution(draft.parent))}</div>'
    return f'{above}{EMPTY_LINE}{line}<blockquote type="cite">{quote}</blockquote>'


def _quotable(parent: Message, parsed: Parsed) -> str:
    """Return the bodies of `parent` as harmless HTML, with its pictures where they lie now."""
    images = {
        part.content_id: reverse("part", args=[parent.key, part.index]) + "?inline"
        for part in parsed.parts
        if part.content_id and part.true_type in PICTURES
    }
    return "".join(
        outbound.quotable(body.text(), images) if body.media_type == "text/html" else as_html(body.text())
        for body in parsed.bodies
    )


def _escaped(line: str) -> str:
    return as_html(line).removeprefix("<div>").removesuffix("</div>")


def signature_html(draft: Draft) -> str:
    """Return the block of HTML below which the sender of `draft` signs; "" where it does not."""
    if not draft.sender:
        identity = draft.account.default_identity()
        return _html_block(identity) if identity else ""
    sender = Senders.of(draft.writer, accounts=[draft.account]).at(draft.account, draft.sender)
    return _html_block(sender.identity) if sender else ""


def _html_block(identity: Identity) -> str:
    return signature.html_block(identity.signature, outbound.clean(identity.signature_html, {}))


# Keeping -------------------------------------------------------------------------------------------------------------


def take(draft: Draft, typed: Mapping[str, str], *, shown: str) -> None:
    """Put the HTML of a form into `draft`, which has the form's text already; `shown` is the text that it had before.

    The draft is not saved, its files are.
    """
    if typed.get("is_rich") == "yes":
        _take_html(draft, typed.get("html", "").replace("\0", ""))
    elif typed.get("is_rich") == "no" or draft.text != shown:
        make_plain(draft)
    _change_signature(draft, typed.get("signed", ""))


def has_changed(draft: Draft, typed: Mapping[str, str]) -> bool:
    """Whether a form holds other HTML than `draft`."""
    if typed.get("is_rich") != "yes":
        return False
    return outbound.clean(typed.get("html", "").replace("\0", ""), _pictures(draft)) != draft.html


def _take_html(draft: Draft, html: str) -> None:
    pictures = _pictures(draft) if draft.pk and "<img" in html else {}
    if draft.pk:
        pictures |= _pictures_of_parent(draft, html)
    draft.is_rich, draft.html = True, outbound.clean(html, pictures)
    draft.text = as_text(draft.html)


def make_plain(draft: Draft) -> None:
    """Leave only the text; the pictures that stood in it become attached files."""
    if draft.is_rich and draft.pk and "cid:" in draft.html:
        shown = [each.pk for each in draft.files.exclude(content_id="") if _is_shown(draft, each)]
        draft.files.filter(pk__in=shown).update(content_id="")
    draft.is_rich, draft.html = False, ""


def make_rich(draft: Draft) -> None:
    """Make HTML of the text."""
    if not draft.is_rich:
        draft.is_rich, draft.html = True, as_html(draft.text)


def _change_signature(draft: Draft, signed: str) -> None:
    """Put the sender's signature in place of that of the one that a form calls `signed`, if it is as it was."""
    if not signed or not draft.account_id or signed == f"{draft.account.key} {draft.sender}".strip():
        return
    senders = Senders.of(draft.writer, accounts=MailAccount.objects.spoken_for_by(draft.writer))
    found = senders.valued(signed), senders.at(draft.account, draft.sender)
    old, new = (each.identity if each else None for each in found)
    if draft.is_rich:
        old_html, new_html = (_html_block(each) if each else "" for each in (old, new))
        draft.html = signature.swap_html(draft.html, old_html, new_html)
        draft.text = as_text(draft.html)
    else:
        old_text, new_text = (signature.text_block(each.signature) if each else "" for each in (old, new))
        draft.text = signature.swap_text(draft.text, old_text, new_text)


def shown(draft: Draft) -> str:
    """Return the HTML of `draft` for the editor."""
    return outbound.shown(draft.html, _pictures(draft)) if draft.pk and "cid:" in draft.html else draft.html


# Pictures ------------------------------------------------------------------------------------------------------------


def embed(draft: Draft, uploads: Iterable[UploadedFile]) -> tuple[list[DraftFile], list[str]]:
    """Keep the pictures that fit, for the text of `draft`; return them, and one sentence about each that does not."""
    kept: list[DraftFile] = []
    problems: list[str] = []
    for upload in uploads:
        media_type = true_type(upload.read(LOOKED_AT), upload.content_type or "")
        upload.seek(0)
        if media_type not in PICTURES:
            problems.append(
                _("“%(name)s” is no picture that mail can show. Attach it as a file.") % {"name": upload.name}
            )
        elif refused := attach(draft, [upload]):
            problems += refused
        else:
            kept.append(_in_text(draft.files.defer("octets").order_by("-id")[0], media_type))
    return kept, problems


def _in_text(file: DraftFile, media_type: str) -> DraftFile:
    file.media_type, file.content_id = media_type, new_message_id(file.draft.account.domain)
    file.save(update_fields=["media_type", "content_id"])
    return file


def picture_address(draft: Draft, file: DraftFile) -> str:
    """Return where on this site the editor finds a picture."""
    return reverse("draft_picture", args=[draft.key, file.key])


def _pictures(draft: Draft) -> dict[str, str]:
    files = draft.files.exclude(content_id="").defer("octets")
    return {each.content_id: picture_address(draft, each) for each in files}


def _parts_shown(draft: Draft, html: str) -> set[int]:
    """Return which parts of the parent are shown in `html` as pictures."""
    if draft.parent is None:
        return set()
    folder = reverse("part", args=[draft.parent.key, 0]).removesuffix("0/")
    return {int(index) for index in re.findall(rf'"{re.escape(folder)}([0-9]{{1,4}})/\?inline"', html)}


def _pictures_of_parent(draft: Draft, html: str) -> dict[str, str]:
    """Keep the pictures of the parent that `html` shows with the draft; return where `html` says that they are."""
    keys = {file_key(draft.key, index): index for index in _parts_shown(draft, html)}
    known = {each.key: each for each in draft.files.filter(key__in=keys).defer("octets")} if keys else {}
    if any(key not in known or not known[key].content_id for key in keys):
        known |= _adopted(draft, keys, known)
    return {
        each.content_id: reverse("part", args=[draft.parent.key, keys[key]]) + "?inline"
        for key, each in known.items()
        if draft.parent and each.content_id
    }


def _adopted(draft: Draft, keys: Mapping[str, int], known: Mapping[str, DraftFile]) -> dict[str, DraftFile]:
    # Locked, so that its octets are not deleted before the draft has its reference to them.
    parents = Message.objects.visible_to(draft.writer).select_related("original").select_for_update(of=("self",))
    parent = parents.filter(pk__in=[draft.parent_id]).first()
    parts = {part.index: part for part in parent.parsed().parts} if parent else {}
    wanted = {key: parts[index] for key, index in keys.items() if index in parts}
    found = {key: part for key, part in wanted.items() if part.true_type in PICTURES}
    return {
        key: _in_text(known.get(key) or refer(draft, parent.original_id, part, key=key), part.true_type)
        for key, part in found.items()
        if parent
    }


# Leaving -------------------------------------------------------------------------------------------------------------


def document_of(draft: Draft) -> str | None:
    """Return the HTML document that is sent beside the text of `draft`, None for a plain one."""
    return outbound.document(draft.html) if draft.is_rich else None


def files_to_send(draft: Draft) -> list[DraftFile]:
    """Return what is attached, and those pictures that the text still shows."""
    return [each for each in draft.files.defer("octets") if not each.content_id or _is_shown(draft, each)]


def _is_shown(draft: Draft, file: DraftFile) -> bool:
    return f'src="cid:{file.content_id}"' in draft.html


def content_id_of(part: Part) -> str:
    """Return the Content-ID under which a part of a message sent from here stands in its text; "" for a file."""
    return part.content_id if part.is_inline else ""


def restore(draft: Draft, parsed: Parsed) -> None:
    """Make a draft rich again from the message that it had become; its files are there already."""
    if parsed.html is None:
        return
    draft.is_rich, draft.html = True, outbound.clean(outbound.content(parsed.html.text()), _pictures(draft))
    draft.text = as_text(draft.html)
    draft.save(update_fields=["is_rich", "html", "text"])
