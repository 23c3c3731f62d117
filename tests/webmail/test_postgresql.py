"""The connection to PostgreSQL: statements that are planned once, and a server that has left."""

from collections.abc import Iterator

import environ
import psycopg
import pytest

from tests.servers import wait_until
from webmail.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db
_USUAL = {"AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 300, "CONN_HEALTH_CHECKS": True}


@pytest.fixture
def kept(postgres_url: str) -> Iterator[DatabaseWrapper]:
    """A connection as the web server keeps it."""
    named = environ.Env.db_url_config(postgres_url)
    wrapper = DatabaseWrapper({"OPTIONS": {}, "TIME_ZONE": None} | _USUAL | named, alias="kept")
    wrapper.connect()
    yield wrapper
    wrapper.close()


def ask(kept: DatabaseWrapper, value: int) -> list[tuple[object, ...]]:
    with kept.prepared_cursor() as cursor:
        cursor.execute("SELECT 'boat' WHERE %s::bigint = ANY(%s::bigint[])", [value, [value, 2]])
        return cursor.fetchall()


def test_the_server_is_told_a_statement_once(kept):
    assert ask(kept, 7) == ask(kept, 8) == [("boat",)]
    with kept.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%boat%'")
        assert cursor.fetchone() == (1,)


def test_what_a_prepared_statement_asked_for_can_be_read(kept):
    kept.force_debug_cursor = True
    ask(kept, 7)
    assert "WHERE 7::bigint = ANY('{7,2}'" in kept.queries[-1]["sql"]


def test_a_server_that_has_left_is_noticed_without_asking_it(kept, postgres_url):
    assert kept.is_usable()
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [kept.connection.info.backend_pid])
    wait_until(lambda: not kept.is_usable(), what="the end of the connection")


def test_the_next_request_gets_another_connection(kept, postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [kept.connection.info.backend_pid])
    wait_until(lambda: not kept.is_usable(), what="the end of the connection")
    kept.close_if_unusable_or_obsolete()
    assert ask(kept, 7) == [("boat",)]
