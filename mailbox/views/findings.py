"""What is said about a message's sender: the mark by the name, the words behind it, and the band where it is danger."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from mailbox.mime.protection import Protection
from mailbox.mime.sender import Finding, Level, Sign

# Placeholders are filled with escaped text that cannot turn the direction of the sentence around it.
_SENTENCES = {
    Sign.VERIFIED: _("It really comes from {value}: {other} has checked it."),
    Sign.UNVERIFIED: _("Nobody vouches that it comes from {value}."),
    Sign.REFUTED: _("{value} does not vouch for this message: the check of the sender failed."),
    Sign.NO_ADDRESS: _("It does not say from which address it comes."),
    Sign.SEVERAL_AUTHORS: _("It names several authors: {value}."),
    Sign.DISGUISED: _("The address only looks like {value}. It is really {other}."),
    Sign.LOOKS_LIKE: _("{value} is not {other}, though it looks like it."),
    Sign.NAME_HOLDS_ADDRESS: _("The name shows {value}, but the message comes from {other}."),
    Sign.NAME_IS_MIXED: _("The name mixes alphabets: {value} is not what it looks like."),
    Sign.NAME_IS_YOURS: _("It carries your own name, but {other} is none of your addresses here."),
    Sign.NAME_IS_KNOWN: _("{value} has also written to you from {other}."),
    Sign.FROM_YOURSELF: _("It names you as its author."),
    Sign.REPLY_ELSEWHERE: _("Your answer goes to {value}."),
    Sign.SENT_BY: _("{value} has sent it for the author."),
    Sign.VIA: _("It was sent or signed by {value}."),
    Sign.FIRST: _("This is the first message from this address."),
}
# The same, where it is more than a fact.
_WARNINGS = {
    Sign.NAME_IS_KNOWN: _("{value} has written to you from {other} before. This is another address."),
    Sign.FROM_YOURSELF: _("It names you as its author, and nobody vouches for that."),
    Sign.REPLY_ELSEWHERE: _("Your answer goes elsewhere: to {value}."),
}
_NAMELESS_JUDGE = _("your provider")
_ICONS = {Level.FACT: "info", Level.CAUTION: "warning", Level.DANGER: "error"}
_PROTECTIONS = {
    Protection.OPENPGP_SIGNED: _("It is signed with OpenPGP. Letterbox does not check the signature yet."),
    Protection.OPENPGP_ENCRYPTED: _("It is encrypted with OpenPGP. Letterbox cannot open it: download the original."),
    Protection.SMIME_SIGNED: _("It is signed with S/MIME. Letterbox does not check the signature yet."),
    Protection.SMIME_ENCRYPTED: _("It is encrypted with S/MIME. Letterbox cannot open it: download the original."),
}


@dataclass(frozen=True)
class Line:
    """One finding in words."""

    icon: str
    level: str
    sentence: str


@dataclass(frozen=True)
class Trust:
    """Everything that the head of a sheet says about who wrote it."""

    mark: str
    """Also the end of the class: verified, plain, caution, danger."""
    name: str | Promise
    """What the mark is called where it cannot be seen."""
    icon: str
    lines: Sequence[Line]
    danger: str = ""
    """The one sentence that speaks up; "" where there is none."""
    account_key: str = ""
    """The account whose settings would tell whom to believe; "" where that is known or not the reader's to say."""
    protection: Protection = Protection.NONE


def trust(found: Sequence[Finding], protection: Protection, *, account_key: str = "") -> Trust | None:
    """Return what to show for the findings about one message, the gravest first; None where nothing is to be said."""
    lines = [_line(finding) for finding in found]
    if protection is not Protection.NONE:
        lines.append(Line("lock", "fact", str(_PROTECTIONS[protection])))
    if not lines:
        return None
    mark, name, icon = _mark(found)
    danger = next((line.sentence for line in lines if line.level == "danger"), "")
    return Trust(mark, name, icon, lines, danger, account_key, protection)


def _mark(found: Sequence[Finding]) -> tuple[str, str | Promise, str]:
    gravest = max((finding.level for finding in found), default=Level.FACT)
    if gravest == Level.DANGER:
        return "danger", _("Danger: who wrote this?"), "shield-alert"
    if gravest == Level.CAUTION:
        return "caution", _("Have a look at who wrote this"), "shield-alert"
    if any(finding.sign == Sign.VERIFIED for finding in found):
        return "verified", _("Sender verified"), "shield-check"
    return "plain", _("About the sender"), "info"


def _line(finding: Finding) -> Line:
    is_verified = finding.sign == Sign.VERIFIED
    sentences = _SENTENCES if finding.level == Level.FACT else _SENTENCES | _WARNINGS
    other = finding.other or (_NAMELESS_JUDGE if is_verified else "")
    sentence = format_html(str(sentences[finding.sign]), value=_isolated(finding.value), other=_isolated(other))
    return Line("good" if is_verified else _ICONS[finding.level], finding.level.name.lower(), sentence)


def _isolated(text: str | Promise) -> SafeString:
    return format_html("<bdi>{}</bdi>", text)
