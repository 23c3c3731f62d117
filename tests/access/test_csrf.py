"""Nothing is changed for a form that is not ours: every address, posted to by Alice's browser without its token."""

import pytest
from django.db import transaction

from tests.access.stage import Stage
from tests.access.table import RULES, Role

pytestmark = pytest.mark.django_db
CHECKS_CSRF = True


@pytest.mark.parametrize("name", RULES)
def test_a_form_without_its_token_is_refused(stage: Stage, name: str):
    with transaction.atomic():
        response = stage.request(Role.OWNER, "POST", name, RULES[name])
        transaction.set_rollback(True)
    assert response.status_code == 403


def test_a_form_with_its_token_is_not(stage: Stage):
    browser = stage.browsers[Role.OWNER]
    browser.get("/settings/labels/")
    token = browser.cookies["csrftoken"].value
    answer = browser.post("/settings/labels/", {"csrfmiddlewaretoken": token, "name": "Travel", "colour": "1"})
    assert answer.status_code == 302
