"""Statements that Django writes once: the same rows as by the query itself, whatever the values."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import MailAccount, RemoteMaildrop, User
from webmail.prepared import Prepared, among, ask

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 11, 24, 9, 30, 15, 123456, tzinfo=UTC)


@Prepared
def named(names: list[str]) -> QuerySet[User]:
    return User.objects.filter(username__in=names).order_by("username")


@Prepared
def joined(since: datetime, among: list[int]) -> QuerySet[User, str]:
    return User.objects.filter(date_joined__gte=since, pk__in=among).order_by("pk").values_list("username", flat=True)


@Prepared
def collected(owner: int) -> QuerySet[MailAccount]:
    others = MailAccount.objects.filter(owner=owner, pk__gt=OuterRef("pk"))
    accounts = MailAccount.objects.filter(owner=owner).select_related("remote_maildrop").only("name", "remote_maildrop")
    return accounts.annotate(is_followed=Exists(others)).order_by("pk")


@pytest.fixture
def people() -> list[User]:
    names = ("alice", "bob", "charlie")
    return [User.objects.create(username=name, date_joined=NOW + timedelta(days=at)) for at, name in enumerate(names)]


def test_finds_what_the_query_finds_for_each_value(people):
    assert named(names=["alice", "charlie"]) == [people[0], people[2]]
    assert named(names=["bob", "eve"]) == [people[1]]
    assert named(names=["eve", "dana"]) == []


def test_a_text_is_a_value_whatever_stands_in_it(people):
    hostile = User.objects.create(username="%s' OR 1=1 --")
    assert named(names=[hostile.username]) == [hostile]
    assert named(names=["x' OR '1'='1"]) == []


def test_moments_are_compared_to_the_microsecond(people):
    among = [each.pk for each in people]
    assert joined(since=NOW, among=among) == ["alice", "bob", "charlie"]
    assert joined(since=NOW + timedelta(microseconds=1), among=among) == ["bob", "charlie"]
    assert joined(since=NOW, among=among[:1]) == ["alice"]


def test_rows_have_their_related_rows_annotations_and_types(people, django_assert_num_queries):
    first, second = (MailAccount.objects.create(owner=people[0], address=f"{n}@home.test", name=str(n)) for n in (1, 2))
    RemoteMaildrop.objects.create(account=first, host="pop.home.test", port=995, due_at=NOW)
    with django_assert_num_queries(1):
        found = collected(owner=people[0].pk)
        assert found[0].remote_maildrop.due_at == NOW
    assert found == [first, second]
    assert [bool(vars(each)["is_followed"]) for each in found] == [True, False]
    assert found[0].get_deferred_fields() >= {"address"}
    assert collected(owner=people[1].pk) == []


def test_django_writes_the_statement_once_for_each_length_of_a_list(people, monkeypatch):
    asked = Prepared(named.build)
    asked(names=["alice"])
    asked(names=["alice", "bob"])
    monkeypatch.setattr(SQLCompiler, "as_sql", None)
    assert asked(names=["bob"]) == [people[1]]
    assert asked(names=["bob", "charlie"]) == people[1:]


def test_lists_of_nearly_the_same_length_share_a_statement(people, monkeypatch):
    asked = Prepared(named.build)
    asked(names=["alice", "bob", "charlie", "eve"])
    monkeypatch.setattr(SQLCompiler, "as_sql", None)
    assert asked(names=["charlie", "alice", "bob"]) == people


def test_a_statement_by_hand_finds_what_is_among_numbers_and_among_texts(people):
    for condition, values in (
        among("id", [each.pk for each in people[:2]]),
        among("username", ["alice", "bob", "x' OR '1'='1"]),
    ):
        assert ask(f"SELECT username FROM accounts_user WHERE {condition} ORDER BY id", values) == [
            ("alice",),
            ("bob",),
        ]


def test_a_value_that_does_not_come_back_as_a_parameter_is_a_mistake(people):
    hidden = Prepared(lambda name: User.objects.filter(username=name.upper()))
    with pytest.raises(AssertionError, match="name"):
        hidden(name="alice")


def test_a_column_beside_a_value_stays_a_column(people):
    same = Prepared(lambda name: User.objects.filter(username=F("username"), first_name=name))
    User.objects.filter(username="bob").update(first_name="Bob")
    assert same(name="Bob") == [people[1]]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection(people):
    seen: list[object] = []

    def ask() -> None:
        seen.extend([named(names=["alice"]), connection.connection])
        connection.close()

    named(names=["alice"])
    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert seen[0] == [people[0]]
    assert seen[1] is not connection.connection
