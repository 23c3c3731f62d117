"""How the mail looks: chosen by each person, and carried by every page."""

import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def test_a_page_follows_the_device_until_somebody_chooses(web: Client) -> None:
    page = web.get("/").content.decode()
    assert '<html lang="en" data-density="comfortable" data-pane="beside">' in page


def test_what_is_chosen_is_on_every_page(web: Client, bob: User) -> None:
    form = {"theme": "dark", "density": "compact", "reading_pane": "none"}
    assert web.post("/settings/appearance/", form).headers["Location"] == "/settings/appearance/"
    page = web.get("/").content.decode()
    assert '<html lang="en" data-theme="dark" data-density="compact" data-pane="none">' in page
    web.force_login(bob)
    assert "data-theme" not in web.get("/").content.decode()


def test_the_theme_of_the_device_can_be_chosen_again(web: Client, alice: User) -> None:
    User.objects.update(theme="dark")
    web.post("/settings/appearance/", {"theme": "", "density": "compact", "reading_pane": "none"})
    alice.refresh_from_db()
    assert alice.theme == ""


def test_refuses_what_there_is_not(web: Client, alice: User) -> None:
    form = {"theme": "pink", "density": "compact", "reading_pane": "none"}
    assert web.post("/settings/appearance/", form).status_code == 422
    alice.refresh_from_db()
    assert alice.density == "comfortable"
