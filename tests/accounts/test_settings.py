"""A person's own settings."""

import pytest
from django.urls import reverse

from accounts.models import Identity, MailAccount


@pytest.fixture(autouse=True)
def signed_in(client, alice):
    client.force_login(alice)


def settings_of(**changes: str) -> dict[str, str]:
    return {"first_name": "Alice", "last_name": "Anderson", "language": "", "time_zone": ""} | changes


def test_saves_name_language_and_time_zone(client, alice):
    answer = client.post(reverse("settings"), settings_of(language="ja", time_zone="Asia/Tokyo"))
    alice.refresh_from_db()
    assert answer.url == reverse("settings")
    assert (alice.last_name, alice.language, alice.time_zone) == ("Anderson", "ja", "Asia/Tokyo")
    assert '<html lang="ja"' in client.get(answer.url).content.decode()


@pytest.mark.parametrize("seconds", ["0", "30"])
def test_saves_for_how_long_sending_can_be_undone(client, alice, seconds):
    client.post(reverse("settings"), settings_of(undo_seconds=seconds))
    alice.refresh_from_db()
    assert alice.undo_seconds == int(seconds)


@pytest.mark.parametrize("name", ["trash_days", "spam_days"])
@pytest.mark.parametrize(("typed", "days"), [("0", 0), ("7", 7), ("", 30), ("-1", 30), ("4000", 30)])
def test_saves_for_how_long_what_is_thrown_away_is_kept(client, alice, name, typed, days):
    client.post(reverse("settings"), settings_of(**{name: typed}))
    alice.refresh_from_db()
    assert getattr(alice, name) == days


@pytest.mark.parametrize(("seconds", "status"), [("", 302), ("-1", 422), ("121", 422), ("soon", 422)])
def test_keeps_the_seconds_where_none_can_be_meant(client, alice, seconds, status):
    assert client.post(reverse("settings"), settings_of(undo_seconds=seconds)).status_code == status
    alice.refresh_from_db()
    assert alice.undo_seconds == 10


@pytest.mark.parametrize(("field", "value"), [("language", "tlh"), ("time_zone", "Moon/Base")])
def test_refuses_what_is_no_choice(client, alice, field, value):
    assert client.post(reverse("settings"), settings_of(**{field: value})).status_code == 422
    alice.refresh_from_db()
    assert getattr(alice, field) == ""


def test_leads_to_the_rest(client):
    page = client.get(reverse("settings")).content.decode()
    for name in ("identities", "accounts", "security", "account_logout"):
        assert f'"{reverse(name)}"' in page
    assert reverse("admin:index") not in page


def formset(*identities: Identity, **changes: str) -> dict[str, str]:
    data = {"form-TOTAL_FORMS": str(len(identities)), "form-INITIAL_FORMS": str(len(identities))}
    for number, identity in enumerate(identities):
        data |= {
            f"form-{number}-id": str(identity.pk),
            f"form-{number}-name": "A.",
            f"form-{number}-signature": "-- \nA.",
        }
    return data | changes


def test_saves_names_and_signatures(client, account):
    identity = account.identities.get()
    assert client.post(reverse("identities"), formset(identity)).url == reverse("identities")
    identity.refresh_from_db()
    assert (identity.name, identity.signature.splitlines()) == ("A.", ["-- ", "A."])


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_nobody_writes_another_s_signature(client, account, request, person):
    client.force_login(request.getfixturevalue(person))
    identity = account.identities.get()
    client.post(reverse("identities"), formset(identity))
    identity.refresh_from_db()
    assert identity.name == "Alice"


def test_an_address_that_is_no_account_s_is_not_added(client, account):
    identity = account.identities.get()
    added = {"form-TOTAL_FORMS": "2", "form-1-id": "", "form-1-name": "Eve", "form-1-signature": ""}
    client.post(reverse("identities"), formset(identity, **added))
    assert Identity.objects.get() == identity


def test_shows_own_identities_only(client, account, bob):
    other = MailAccount.objects.create(owner=bob, address="bob@home.test")
    Identity.objects.create(account=other, address="bob@home.test")
    page = client.get(reverse("identities")).content.decode()
    assert "alice@home.test" in page
    assert "<legend" in page
    assert "bob@home.test" not in page


def test_without_an_address_says_what_to_do(client):
    assert reverse("account_new") in client.get(reverse("identities")).content.decode()


def test_the_kind_of_new_messages_is_a_persons_own(client, alice):
    client.force_login(alice)
    client.post("/settings/", {"first_name": "Alice", "writes_rich": "False"})
    alice.refresh_from_db()
    assert not alice.writes_rich

    client.post("/settings/", {"first_name": "Alice"})
    alice.refresh_from_db()
    assert not alice.writes_rich
