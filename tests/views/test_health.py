"""The question of a load balancer."""

import pytest
from django.db import OperationalError
from django.test import Client

from mailbox.views import health


def test_says_ok_to_anybody(client: Client, db: None) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok"


def test_fails_without_the_database(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def cursor(self) -> None:
            raise OperationalError("gone")

    monkeypatch.setattr(health, "connection", Gone())
    client.raise_request_exception = False
    assert client.get("/healthz").status_code == 500


def test_refuses_another_verb(client: Client, db: None) -> None:
    assert client.post("/healthz").status_code == 405
