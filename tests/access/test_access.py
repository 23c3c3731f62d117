"""Every address of the site, tried as owner, member, outsider, admin and nobody, by GET and by POST."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.stage import PASSWORD, SECRET, Stage
from tests.access.table import READERS, RULES, Role

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")


def addresses(resolver: URLResolver, converters: int = 0) -> Iterator[tuple[str, int]]:
    """Yield the name of every address but those of the admin, and how many ids it holds."""
    for each in resolver.url_patterns:
        ids = converters + each.pattern.regex.groups
        if isinstance(each, URLPattern):
            given = len((each.default_args or {}).keys() & each.pattern.converters.keys())
            yield str(each.name), ids - given
        elif each.namespace != "admin":
            yield from addresses(each, ids)


def test_every_address_has_its_rule():
    known = {(name.split()[-1], len(rule.names)) for name, rule in RULES.items()}
    assert set(addresses(get_resolver())) - known == set(), "say in tests/access/table.py whose these are"
    assert known - set(addresses(get_resolver())) == set(), "there are no such addresses any more"


@pytest.mark.parametrize("name", RULES)
def test_whoever_asks_is_answered_as_the_table_says(stage: Stage, name: str):
    rule, found, expected = RULES[name], {}, {}
    for role in Role:
        for method in METHODS:
            with transaction.atomic():
                response = stage.request(role, method, name, rule)
                found[role, method] = response.status_code
                expected[role, method] = rule.status(role, method)
                if role not in READERS:
                    assert SECRET not in content(response), f"{role} sees what is Alice's"
                if role == Role.ANONYMOUS and role not in rule.who:
                    assert response["Location"].startswith("/account/login/")
                assert PASSWORD not in content(response)
                transaction.set_rollback(True)
    assert found == expected


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.names])
@pytest.mark.parametrize("method", METHODS)
def test_what_is_alices_and_what_does_not_exist_are_the_same_to_outsiders(stage: Stage, name: str, method: str):
    for role in (Role.OUTSIDER, Role.ADMIN):
        if RULES[name].who == {role}:
            # It is for him alone.
            continue
        with transaction.atomic():
            there = stage.request(role, method, name, RULES[name])
            nowhere = stage.request_nothing(role, method, name, RULES[name])
            transaction.set_rollback(True)
        assert there.status_code == nowhere.status_code
        assert len(content(there)) == len(content(nowhere))


def content(response) -> str:
    octets = b"".join(response.streaming_content) if response.streaming else response.content
    return octets.decode(errors="replace")
