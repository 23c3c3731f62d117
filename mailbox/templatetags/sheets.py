"""The sheet of a message, piece by piece; in Python, for a conversation may have twenty open."""

from collections.abc import Iterable

from django import template
from django.template import Engine
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from mailbox.mime.plain import Block
from mailbox.templatetags.keyed import keyed
from mailbox.templatetags.mail import (
    addresses,
    day,
    full_time,
    initials,
    lines,
    named,
    octets,
    quote_depth,
    tint,
    unmasked,
)
from mailbox.views.clock import Clock
from mailbox.views.findings import Trust
from mailbox.views.on_server import OnServer
from mailbox.views.sheet import Passage, Sheet

register = template.Library()

_PLACE = "mailbox/conversation"


@register.simple_tag(takes_context=True)
def sheet_head(context: template.RequestContext, sheet: Sheet) -> SafeString:
    """Who wrote to whom and when, what is to be said about that, and what can be done with the message."""
    message, clock = sheet.message, context.get("clock") or Clock.now()
    texts = {
        "key": message.key,
        "tint": tint(message.sender),
        "initials": initials(message.sender),
        "name": unmasked(named(message.sender)),
        "address": unmasked(message.sender_address) if message.sender_name else "",
        "trust": _trust(sheet.trust) if sheet.trust else "",
        "list_line": _list_line(context, sheet) if sheet.list_line else "",
        "iso_time": message.received_at.isoformat(),
        "time": clock.full(message.received_at),
        "short_time": clock.short(message.received_at),
        **_details(sheet, clock),
    }
    shows = {"has_frame": sheet.has_frame, "has_paper": sheet.paper == "white", "may_answer": sheet.may_answer}
    return keyed(f"{_PLACE}/_head.html", texts, **shows)


def _list_line(context: template.RequestContext, sheet: Sheet) -> str:
    """The list that it came by; its form is for this reader, so it is rendered each time."""
    place = "mailbox/conversation/_list_line.html"
    with context.push(line=sheet.list_line, message=sheet.message):
        return Engine.get_default().get_template(place).render(context)


def _trust(trust: Trust) -> SafeString:
    lines = ((_trust_line(line.level, line.icon, line.sentence),) for line in trust.lines)
    texts = {
        "mark": trust.mark,
        "name": str(trust.name),
        "lines": format_html_join("\n", "{}", lines),
        "account_key": trust.account_key,
    }
    return keyed(f"{_PLACE}/_trust.html", texts, icon=trust.icon)


def _trust_line(level: str, icon: str, sentence: str) -> SafeString:
    return keyed(f"{_PLACE}/_trust_line.html", {"sentence": sentence}, level=level, icon=icon)


def _details(sheet: Sheet, clock: Clock) -> dict[str, str]:
    """To whom it was written; unfolded, its addresses, times and size."""
    assert sheet.parsed
    message, header, on_server = sheet.message, sheet.parsed.header, sheet.on_server
    return {
        "recipients": sheet.recipients,
        "from": addresses(header.from_),
        "reply_to": addresses(header.reply_to),
        "to": addresses(header.to),
        "cc": addresses(header.cc),
        "list_facts": render_to_string(f"{_PLACE}/_list_facts.html", {"line": sheet.list_line})
        if sheet.list_line
        else "",
        "written": clock.full(message.dated_at) if message.dated_at else "",
        "size": octets(message.octets_count),
        "whole": octets(on_server.octets_count) if on_server and on_server.rest else "",
        "on_server": _on_server(on_server) if on_server else "",
    }


def _on_server(it: OnServer) -> SafeString:
    texts = {"date": day(it.at), "time": full_time(it.at)}
    return keyed(f"{_PLACE}/_on_server.html", texts, fate=it.fate, newest=it.newest)


@register.simple_tag
def sheet_body(sheet: Sheet) -> SafeString:
    """What it says."""
    return _frame(sheet) if sheet.has_frame else text_of(sheet.passages, sheet.language)


def _frame(sheet: Sheet) -> SafeString:
    """The frame around the document of its bodies."""
    message = sheet.message
    texts = {"key": message.key, "name": named(message.sender), "url": reverse("body", args=[message.key])}
    return keyed(f"{_PLACE}/_frame.html", texts, paper=sheet.paper)


@register.simple_tag
def text_of(passages: Iterable[Passage], language: str = "") -> SafeString:
    """The text of a message, in `language` where that is known; long quotations behind a button each."""
    text = format_html_join("", "{}", ((_passage(each),) for each in passages))
    return keyed(f"{_PLACE}/_text.html", {"text": text}, language=language)


def _passage(passage: Passage) -> SafeString:
    text = format_html_join("", "{}", ((_block(each),) for each in passage.blocks))
    return keyed(f"{_PLACE}/_quote.html", {"text": text}) if passage.is_folded else text


def _block(block: Block) -> SafeString:
    depth = quote_depth(block.depth) if block.depth else 0
    texts = {"lines": lines(block)}
    return keyed(f"{_PLACE}/_block.html", texts, kind=block.kind, depth=depth, is_fixed=block.is_fixed)
