"""Codes from an app and recovery codes: setting up, signing in, losing them."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD


@pytest.fixture(autouse=True)
def _nobody_has_guessed(db):
    cache.clear()


@pytest.fixture
def here(client, alice):
    client.force_login(alice)
    return client


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up(client: Client) -> tuple[str, list[str]]:
    """Switch codes on; return the secret and the recovery codes."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    [secret] = re.findall(r'class="secret">([A-Z2-7]+)<', page)
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    shown = client.get(answer["Location"]).content.decode()
    return secret, [found.replace(" ", "") for found in re.findall(r"<code>(\d{4} \d{4})</code>", shown)]


def begin(client: Client | None = None) -> tuple[Client, str]:
    client = client or Client()
    answer = client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    return client, answer["Location"]


def give(client: Client, typed: str):
    return client.post(reverse("mfa_authenticate"), {"code": typed})


def is_in(client: Client) -> bool:
    return client.get(reverse("settings")).status_code == 200


def test_the_qr_code_is_a_picture_of_our_own(here):
    page = here.get(reverse("mfa_activate_totp")).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    assert " style=" not in page


def test_sets_up_and_asks_for_a_code_from_then_on(here):
    secret, _codes = set_up(here)
    there, asked = begin()
    assert asked == reverse("mfa_authenticate")
    assert not is_in(there)
    give(there, code(secret, steps=1))
    there.post(reverse("mfa_trust"), {"action": "skip"})
    assert is_in(there)


def test_a_wrong_code_does_not_set_it_up(here):
    here.get(reverse("mfa_activate_totp"))
    assert here.post(reverse("mfa_activate_totp"), {"code": "000000x"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_a_code_signs_in_once(here):
    secret, _codes = set_up(here)
    used = code(secret, steps=1)
    give(begin()[0], used)
    there, _asked = begin()
    assert "Incorrect code" in give(there, used).content.decode()
    assert not is_in(there)


def test_a_recovery_code_signs_in_once(here):
    _secret, codes = set_up(here)
    assert len(codes) == 10
    there, _asked = begin()
    assert give(there, codes[0]).url == reverse("mfa_trust")
    again, _asked = begin()
    assert "Incorrect code" in give(again, codes[0]).content.decode()


def test_a_code_may_be_typed_in_groups(here):
    secret, _codes = set_up(here)
    typed = code(secret, steps=1)
    there, _asked = begin()
    assert 'inputmode="numeric"' in there.get(reverse("mfa_authenticate")).content.decode()
    assert give(there, f" {typed[:3]} {typed[3:]}").url == reverse("mfa_trust")


def test_recovery_codes_are_shown_once(here):
    _secret, codes = set_up(here)
    page = here.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert "10 codes are left" in page
    assert codes[0] not in page


def test_new_recovery_codes_void_the_old_ones(here):
    _secret, old = set_up(here)
    answer = here.post(reverse("mfa_generate_recovery_codes"))
    shown = here.get(answer.url).content.decode()
    assert re.findall(r"<code>(\d{4} \d{4})</code>", shown)
    assert "Incorrect code" in give(begin()[0], old[0]).content.decode()


def test_the_secrets_lie_sealed_in_the_database(here):
    secret, codes = set_up(here)
    stored = "".join(str(row.data) for row in Authenticator.objects.all())
    assert secret not in stored
    assert not any(each in stored for each in codes)


def test_a_secret_whose_key_is_gone_lets_nobody_in(here, settings):
    set_up(here)
    settings.FIELD_KEYS = ["A" * 43 + "="]
    there, _asked = begin()
    give(there, code("A" * 32, steps=1))
    assert not is_in(there)
    assert here.get(reverse("security")).status_code == 200


def test_guessing_codes_ends_after_some_tries(here):
    secret, _codes = set_up(here)
    there, _asked = begin()
    for number in range(6):
        give(there, f"00000{number}")
    assert "Too many" in give(there, code(secret, steps=1)).content.decode()
    assert not is_in(there)


def test_a_trusted_browser_is_asked_for_the_password_alone(here):
    secret, _codes = set_up(here)
    there, _asked = begin()
    give(there, code(secret, steps=1))
    assert there.post(reverse("mfa_trust"), {"action": "trust"})["Location"] == reverse("inbox")
    there.post(reverse("account_logout"))
    assert begin(there)[1] == reverse("inbox")


def test_trust_ends_when_codes_are_set_up_anew(here):
    secret, _codes = set_up(here)
    there, _asked = begin()
    give(there, code(secret, steps=1))
    there.post(reverse("mfa_trust"), {"action": "trust"})
    there.post(reverse("account_logout"))
    here.post(reverse("mfa_deactivate_totp"))
    cache.clear()
    set_up(here)
    assert begin(there)[1] == reverse("mfa_authenticate")


def test_switching_off_takes_the_recovery_codes_along(here):
    set_up(here)
    here.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert begin()[1] == reverse("inbox")


def test_the_poll_tells_nothing_between_password_and_code(here):
    set_up(here)
    there, _asked = begin()
    assert there.get(reverse("live"), {"since": "0"}).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_email",
        "account_set_password",
        "account_delete",
        "account",
        "leave",
        "export",
    ],
)
def test_asks_again_who_sits_there_before_security_is_changed(here, account, name):
    session = here.session
    session["confirmed_at"] = time.time() - 3600 * 2
    session.save()
    address = reverse(name, args=[account.key] if name in ("account", "account_delete") else [])
    asked = here.get(address)
    assert asked.status_code == 302
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    back = here.post(asked.url, {"password": PASSWORD, "next": address})
    assert back.url == address


def test_a_wrong_password_confirms_nothing(here):
    session = here.session
    session["confirmed_at"] = 0
    session.save()
    answer = here.post(reverse("account_reauthenticate"), {"password": "wrong", "next": reverse("mfa_activate_totp")})
    assert answer.status_code == 200
    assert here.get(reverse("mfa_activate_totp")).status_code == 302


@pytest.mark.parametrize(
    "name",
    ["security", "mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"],
)
def test_a_stranger_is_sent_to_the_door(client, db, name):
    assert client.get(reverse(name))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("next_page", ["https://evil.test/", "//evil.test/", "/\\evil.test/", "javascript:alert(1)"])
@pytest.mark.parametrize("name", ["account_login", "account_reauthenticate", "account_logout"])
def test_nobody_is_sent_to_another_site(client, alice, name, next_page):
    if name != "account_login":
        client.force_login(alice)
    answer = client.post(f"{reverse(name)}", {"login": "alice", "password": PASSWORD, "next": next_page})
    assert "evil" not in answer.url
    assert "javascript" not in answer.url
