"""Milliseconds to read and sanitise a newsletter of 100 KB: `uv run python -m bench.sanitize [--profile]`.

Builds one newsletter the way the usual builders do (nested tables, a style attribute on every cell, media rules), as
a message of octets, and takes the median of many runs of parsing, of sanitising, and of both.
"""

import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from mailbox.mime.compose import build
from mailbox.mime.headers import Address
from mailbox.mime.parse import parse
from mailbox.mime.sanitize import sanitize

SIZE = 100_000
RUNS = 40
HEAD = """<!doctype html><html><head><meta charset="utf-8"><title>News</title><style>
body,table,td,a{-webkit-text-size-adjust:100%}table,td{mso-table-lspace:0pt}img{border:0;line-height:100%}
@media only screen and (max-width:600px){.wrap{width:100%!important}.col{display:block!important;width:100%!important}
.pad{padding:10px 16px!important}h1{font-size:24px!important}}@media (prefers-color-scheme:dark){.card{background:#222}}
</style></head><body style="margin:0;padding:0;background-color:#f4f4f4"><center>
<table role="presentation" width="600" class="wrap" cellpadding="0" cellspacing="0" border="0" align="center">"""
ROW = """<tr><td class="pad" align="left" style="padding:20px 30px 20px 30px;background-color:#ffffff;font-family:\
'Open Sans',Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;color:#333333;mso-line-height-rule:exactly">\
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="col" width="50%" \
style="width:50%;padding-right:{n}px;vertical-align:top"><a href="https://click.news.test/CL0/{n}/abc" \
target="_blank" style="color:#d0021b;text-decoration:none"><img src="https://img.news.test/{n}.jpg" width="270" alt=""\
 style="display:block;width:100%;max-width:270px;border:0"></a></td><td class="col" width="50%" style="width:50%;\
vertical-align:top;color:rgb(51, 51, 51)"><h2 style="margin:0 0 10px 0;font-size:20px">Offer number {n}</h2><p \
style="margin:0 0 16px 0">What is new this week in the garden, and what it costs when you come before Sunday.</p><a \
href="https://click.news.test/CL0/{n}/def" style="background-color:#d0021b;border-radius:4px;color:#fff;\
display:inline-block;padding:12px 24px">See it</a></td></tr></table></td></tr>"""


def newsletter() -> str:
    """About `SIZE` characters of HTML."""
    rows = (ROW.format(n=number) for number in range((SIZE - len(HEAD)) // len(ROW)))
    return HEAD + "".join(rows) + "</table></center></body></html>"


def median(read: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    spent: list[float] = []
    for _ in range(RUNS):
        started = time.process_time()
        read()
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent)


def main() -> None:
    html = newsletter()
    octets = build(
        sender=Address("News", "news@news.test"),
        to=[Address("", "alice@home.test")],
        subject="News",
        text="n",
        html=html,
        date=datetime(2025, 11, 24, tzinfo=UTC),
        message_id="1@news.test",
    )

    def whole() -> object:
        return sanitize(parse(octets).html.text())  # type: ignore[union-attr]

    print(f"{len(html):,} characters of HTML, {len(octets):,} octets, {html.count('<'):,} tags")
    print(f"parse     {median(lambda: parse(octets)):6.2f} ms")
    print(f"sanitize  {median(lambda: sanitize(html)):6.2f} ms")
    print(f"both      {median(whole):6.2f} ms")
    if "--profile" in sys.argv:
        with cProfile.Profile() as profile:
            whole()
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
