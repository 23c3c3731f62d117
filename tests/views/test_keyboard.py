"""The keys: one table for the page and for the help, which a person can switch off."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.views.actions import VERBS
from mailbox.views.keys import Key, groups, table


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def keys_in(page: str) -> dict[str, str]:
    found = re.search(r'data-keys="([^"]*)"', page)
    return json.loads(unescape(found[1])) if found else {}


def test_the_page_knows_every_key_of_the_help(web: Client) -> None:
    told = keys_in(web.get("/").content.decode())
    shown = [key for group in web.get("/settings/keyboard/").context["groups"] for key in group.keys]
    assert told == {key.keys: key.act for key in shown if key.act}
    assert {"j", "k", "o", "u", "e", "#", "s", "x", "* a", "r", "a", "f", "c", "/", "z", "g i", "?"} <= told.keys()


def test_no_key_is_there_twice() -> None:
    every = [key.keys for group in groups() for key in group.keys]
    assert len(every) == len(set(every))


def test_no_single_key_begins_a_sequence() -> None:
    told = table(groups())
    assert not {keys[0] for keys in told if " " in keys} & told.keys()


def test_offers_no_key_for_what_cannot_be_done() -> None:
    assert Key("e", "", "press archive").is_offered
    assert not Key("y", "", "press explode").is_offered
    assert not Key("y", "", "do explode unless restore").is_offered
    assert Key("y", "", "mark star|unstar").is_offered
    pressed = {act.split()[1] for act in table(groups()).values() if act.startswith("press")}
    assert all(VERBS.keys() & verbs.split("|") for verbs in pressed)


def test_htmx_gets_the_inside_of_the_dialog(web: Client) -> None:
    part = web.get("/settings/keyboard/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Back to the list" in part


def test_the_keys_can_be_switched_off_and_on(web: Client, alice: User) -> None:
    web.post("/settings/keyboard/", {})
    assert keys_in(web.get("/").content.decode()) == {}
    web.post("/settings/keyboard/", {"uses_keys": "on"})
    assert keys_in(web.get("/").content.decode())
