"""The header by which a browser asks for the style sheet before it reads the page."""

import re

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from tests.cast import deliver, octets_of

pytestmark = pytest.mark.django_db


def test_a_page_names_its_style_sheet_in_its_header(client: Client):
    response = client.get("/account/login/")
    [sheet] = re.findall(r"^<([^>]+)>; rel=preload; as=style$", response.headers["Link"])
    assert f'<link rel="stylesheet" href="{sheet}">' in response.content.decode()


def test_what_has_no_style_sheet_names_none(client: Client, alice: User, account: MailAccount):
    [message] = deliver(account, octets_of("Boats", message_id="boats@far.test"))
    client.force_login(alice)
    part = client.get(f"/m/{message.key}/", headers={"HX-Request": "true"})
    for response in [part, client.get("/healthz"), client.get("/worker.js")]:
        assert response.status_code == 200
        assert "Link" not in response.headers
