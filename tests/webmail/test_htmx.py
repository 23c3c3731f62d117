"""A page or its part: by the headers alone."""

import pytest
from django.test import RequestFactory

from webmail.htmx import wants_part


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "false"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_htmx_gets_a_part_unless_it_restores_history(
    rf: RequestFactory, headers: dict[str, str], *, expected: bool
) -> None:
    assert wants_part(rf.get("/", headers=headers)) is expected
