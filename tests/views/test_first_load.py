"""How much a browser has to ask for: the first load of the inbox, and pages after it."""

import json
import re
from pathlib import Path

import brotli
import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.models import Message
from mailbox.views.rows import PAGE
from tests.cast import deliver, octets_of

# The project's own prose: as varied as mail, and none of it twice.
DOCS = sorted((Path(__file__).resolve().parents[2] / "docs").glob("*.md"))
WORDS = " ".join(path.read_text() for path in DOCS).split()
HTMX = {"HX-Request": "true"}
# Octets, compressed as a browser gets them.
FIRST_LOAD, LATER_PAGE = 60_000, 12_000
# The service worker, once the page stands: itself, and the page that it keeps.
OF_THE_WORKER = {"/worker.js", "/offline/"}


@pytest.fixture
def mail(account: MailAccount) -> list[Message]:
    """More than a page of letters by different people; the last five are one conversation."""
    step = len(WORDS) // (PAGE + 5)
    letters = [
        octets_of(
            " ".join(words[:5]),
            sender=f"{words[5].strip('`|*,:;()')} <{at}@far.test>",
            message_id=f"{at}@far.test",
            references=[f"{PAGE}@far.test"] if at > PAGE else (),
            text=" ".join(words[6:90]),
        )
        for at in range(PAGE + 5)
        for words in [WORDS[at * step :]]
    ]
    return deliver(account, *letters)


@pytest.fixture
def web(client: Client, alice: User, mail: list[Message]) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def named_by(page: str) -> set[str]:
    """The addresses that Chromium asks for when it has the page, without a click."""
    links = re.findall(r'<link rel="(?:stylesheet|icon|manifest)" href="([^"#]+)', page)
    return {
        *links,
        *re.findall(r'<(?:script|img)\b[^>]* src="([^"]+)', page),
        *re.findall(r'<use href="([^"#]+)', page),
    }


def octets_at(address: str, client: Client, collected: Path) -> int:
    """The octets of what is at an address, as small as it is served."""
    if not address.startswith("/static/"):
        return len(brotli.compress(client.get(address).content, quality=5))
    named = json.loads((collected / "staticfiles.json").read_text())["paths"]
    file = collected / named[address.removeprefix("/static/")]
    sizes = [path.stat().st_size for path in file.parent.glob(f"{file.name}*")]
    return min(sizes)


def octets_of_page(client: Client, path: str, **headers: str) -> int:
    response = client.get(path, headers={"Accept-Encoding": "br", **headers})
    assert response.headers["Content-Encoding"] == "br"
    return len(response.content)


def test_the_first_load_of_the_inbox_is_ten_requests_and_sixty_kilobytes(web: Client, collected: Path):
    page = web.get("/").content.decode()
    asked = named_by(page) | OF_THE_WORKER
    octets = {address: octets_at(address, web, collected) for address in asked}

    assert page.count('class="row"') + page.count('class="row ') == PAGE
    assert len({*asked, "/"}) <= 10, sorted(asked)
    assert sum(octets.values()) + octets_of_page(web, "/") <= FIRST_LOAD, octets


def test_later_pages_are_small(web: Client, mail: list[Message]):
    octets = {path: octets_of_page(web, path) for path in ("/", "/search/?q=the", "/compose/", "/settings/")}
    octets |= {f"{path}, by a click": octets_of_page(web, path, **HTMX) for path in ("/", f"/m/{mail[-1].key}/")}

    assert {path: size for path, size in octets.items() if size > LATER_PAGE} == {}
