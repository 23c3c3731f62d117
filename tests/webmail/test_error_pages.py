"""Pages for what went wrong are in the dress of all others, and say what to do next."""

import pytest
from django.test import Client

from accounts.models import User


@pytest.mark.django_db
def test_an_address_that_leads_nowhere(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.get("/no/such/place/")
    assert response.status_code == 404
    assert "Nothing is here" in response.text
    assert "script-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_form_without_its_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/compose/", {"text": "typed"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.text


@pytest.mark.django_db
def test_a_fault_of_our_own_shows_no_detail(client: Client, monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    client.raise_request_exception = False
    client.force_login(alice)
    monkeypatch.setattr("mailbox.views.inbox.list_context", lambda *_, **__: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "Your mail is safe" in response.text
    assert "ZeroDivision" not in response.text
