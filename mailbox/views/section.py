"""One body of a message as the framed document shows it: harmless HTML, or text that is still to be escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from django.utils.translation import gettext as _

from mailbox.documents import Clean, clean
from mailbox.mime.paper import Paper, has_dark_rules, in_scheme
from mailbox.mime.plain import Block, blocks
from mailbox.mime.quotes import fold_quotes
from mailbox.mime.remote import Remote, RemoteReference


@dataclass(frozen=True)
class Section:
    """HTML, or blocks of text; what the HTML would have loaded, and the paper that it was made for."""

    html: str = ""
    blocks: Sequence[Block] = ()
    remote: tuple[RemoteReference, ...] = ()
    paper: Paper = Paper.OURS

    @property
    def has_dark_rules(self) -> bool:
        return has_dark_rules(self.html)

    def in_scheme(self, scheme: str) -> Self:
        """Return the section as its sender wants it in the "dark" or the "light"."""
        return replace(self, html=in_scheme(self.html, scheme))


def section(text: str, media_type: str, images: Mapping[str, str], remote: Remote | None = None) -> Section:
    """Return the section for one body; `images` and `remote` as for `sanitize`."""
    if media_type != "text/html":
        return Section(blocks=blocks(text))
    return framed(clean(text, images, remote))


def framed(body: Clean) -> Section:
    """Return the section for a body that is harmless already, its quotations folded in the reader's language."""
    return Section(fold_quotes(body.html, _("Show the quoted text")), (), body.remote, body.paper)


def paper_of_all(sections: Sequence[Section]) -> Paper:
    """Return the paper that suits every section: white if one of them needs it."""
    papers = {each.paper for each in sections}
    return next((paper for paper in (Paper.WHITE, Paper.INKED) if paper in papers), Paper.OURS)
