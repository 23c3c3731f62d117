"""One message as a sheet of its conversation shows it; the octets are parsed only where the sheet is open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from mailbox.mime.headers import Address
from mailbox.mime.language import language_of
from mailbox.mime.paper import Paper
from mailbox.mime.parse import Parsed
from mailbox.mime.plain import Block, Span, blocks
from mailbox.mime.remote import RemoteReference
from mailbox.models import Message
from mailbox.pieces import opened
from mailbox.views.asked import Attached
from mailbox.views.files import NO_FILES, Files, ask_for_thumbnails, files_of
from mailbox.views.findings import Trust
from mailbox.views.invitation import Invitation, invitation_of
from mailbox.views.on_server import OnServer
from mailbox.views.section import outlines, paper_of_all, remote_in

if TYPE_CHECKING:
    from mailbox.views.delivery_log import DeliveryLog
    from mailbox.views.list_line import ListLine
    from mailbox.views.receipt import Receipt
    from mailbox.views.remote_line import RemoteLine

# A shorter quotation is read faster than unfolded.
_LONG_QUOTE = 4
_NAMED_RECIPIENTS = 3


@dataclass(frozen=True)
class Passage:
    """Neighbouring blocks of plain text; a long quotation, of whatever depths, waits behind one button."""

    blocks: Sequence[Block]
    is_folded: bool


@dataclass(frozen=True)
class Sheet:
    """A message and, where it is open, what was read from its octets."""

    message: Message
    parsed: Parsed | None = None
    recipients: str = ""
    passages: Sequence[Passage] = ()
    has_frame: bool = False
    remote: Sequence[RemoteReference] = ()
    remote_line: "RemoteLine | None" = None
    list_line: "ListLine | None" = None
    delivery_log: "DeliveryLog | None" = None
    receipt: "Receipt | None" = None
    paper: Paper = Paper.OURS
    files: Files = NO_FILES
    on_server: OnServer | None = None
    trust: Trust | None = None
    invitation: Invitation | None = None
    may_answer: bool = True
    """Whether its reader may send from the account it lies in."""

    @property
    def is_open(self) -> bool:
        return self.parsed is not None

    @property
    def language(self) -> str:
        """The language of its text, "" where that is not known."""
        return language_of(self.message.preview or self.message.subject)

    @property
    def has_lines(self) -> bool:
        """Whether anything stands between its head and its text; few have, and a template asks slowly."""
        is_cut = self.on_server is not None and self.on_server.rest is not None
        is_danger = self.trust is not None and self.trust.danger != ""
        lines = (self.delivery_log, self.receipt, self.remote_line, self.invitation)
        return is_cut or is_danger or any(each is not None for each in lines)


def open_sheet(
    message: Message,
    own_addresses: Collection[str],
    on_server: OnServer | None = None,
    *,
    attached: Attached | None = None,
) -> Sheet:
    """Return the sheet of `message`, which has its original loaded, with what is `attached` to it."""
    parsed = opened(message)
    has_frame = parsed.html is not None
    invitation = invitation_of(parsed, own_addresses)
    rows = attached.to(message) if attached and parsed.attachments else ()
    files = files_of(rows, parsed, shown_already=invitation.part if invitation else None)
    ask_for_thumbnails(message, files)
    framed = outlines(message, parsed) if has_frame else []
    return Sheet(
        message=message,
        parsed=parsed,
        recipients=_recipients(parsed, own_addresses),
        passages=() if has_frame else passages_of(parsed),
        has_frame=has_frame,
        remote=remote_in(framed),
        paper=paper_of_all(framed),
        files=files,
        on_server=on_server,
        invitation=invitation,
    )


def passages_of(parsed: Parsed) -> list[Passage]:
    """Return the plain text of a message, cut into passages."""
    found = [_trimmed(block) for body in parsed.bodies for block in blocks(body.text())]
    runs = [(is_quote, tuple(run)) for is_quote, run in groupby(found, key=lambda block: block.kind == "quote")]
    return [Passage(run, is_quote and sum(len(block.lines) for block in run) > _LONG_QUOTE) for is_quote, run in runs]


def _trimmed(block: Block) -> Block:
    """Return `block` without the empty lines around it: space between blocks is the page's affair."""
    lines = block.lines
    start = next((number for number, line in enumerate(lines) if _is_filled(line)), 0)
    end = next((number for number in range(len(lines), start, -1) if _is_filled(lines[number - 1])), len(lines))
    return block if (start, end) == (0, len(lines)) else replace(block, lines=lines[start:end])


def _is_filled(line: Sequence[Span]) -> bool:
    return any(span.text and not span.text.isspace() for span in line)


def _recipients(parsed: Parsed, own_addresses: Collection[str]) -> str:
    """Return "me, Bob and 3 others"."""
    addressed = (*parsed.header.to, *parsed.header.cc)
    names = [_name(each, own_addresses) for each in addressed[:_NAMED_RECIPIENTS]]
    if rest := len(addressed) - len(names):
        names.append(_("%(count)d more") % {"count": rest})
    return get_text_list(names, _("and"))


def _name(address: Address, own_addresses: Collection[str]) -> str:
    return _("me") if address.address.lower() in own_addresses else address.display
