"""Find messages by words. SQLite (FTS5) and PostgreSQL (tsvector) hold the same tokens and give the same answers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Self

from django.db import connection

from mailbox.mime.tokens import Term, query_terms, tokens
from mailbox.models import rows

# Enough to find a word deep in a long mail; past it a text is mostly quoted history.
BODY_TOKENS_LIMIT = 10_000
_HITS_LIMIT = 1000
# More than there are; both databases take it for a limit.
_NO_LIMIT = 2**62
# PostgreSQL gives up counting positions there.
_LAST_POSITION = 16_383


@dataclass(frozen=True, slots=True)
class Words:
    """What of a message can be found: its text, cut into tokens with a space between. Made before any lock is taken.

    One string takes a tenth of the memory of a list of words, and a batch has millions of them.
    """

    people: str
    subject: str
    body: str

    @classmethod
    def of(cls, *, people: str, subject: str, body: str) -> Self:
        found = (tokens(people), tokens(subject), tokens(body, limit=BODY_TOKENS_LIMIT))
        return cls(*map(" ".join, found))


def index(documents: Iterable[tuple[int, int, Words]]) -> None:
    """Put the words of messages into the index, or replace them there: (message id, account id, words)."""
    cut = [(pk, (_account_token(account), each.people, each.subject, each.body)) for pk, account, each in documents]
    if connection.vendor == "postgresql":
        vectors = [(pk, _tsvector(columns)) for pk, columns in cut]
        rows.write_arrays("mailbox_search", {"message_id": "bigint", "document": "tsvector"}, vectors, _REPLACE)
        return
    with connection.cursor() as cursor:
        cursor.executemany(_SQLITE_REPLACE, [(pk, *columns) for pk, columns in cut])


def remove(message_ids: Sequence[int]) -> None:
    """Take messages out of the index."""
    column = "rowid" if connection.vendor == "sqlite" else "message_id"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM mailbox_search WHERE {column} = %s",  # noqa: S608  # one of two constants
            [(pk,) for pk in message_ids],
        )


def sweep() -> None:
    """Take out of the index what belongs to no message any more."""
    column = "rowid" if connection.vendor == "sqlite" else "message_id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM mailbox_search WHERE {column} NOT IN (SELECT id FROM mailbox_message)"  # noqa: S608
        )


def find(query: str, accounts: Collection[int], *, limit: int = 200) -> list[int]:
    """Return the ids of at most `limit` messages of `accounts` that hold every word of `query`, newest first."""
    return _find(query, accounts, min(limit, _HITS_LIMIT))


def find_all(query: str, accounts: Collection[int]) -> list[int]:
    """Return the ids of all messages of `accounts` that hold every word of `query`, newest first: for a worker."""
    return _find(query, accounts, _NO_LIMIT)


def _find(query: str, accounts: Collection[int], limit: int) -> list[int]:
    terms = query_terms(query)
    if not terms or not accounts:
        return []
    if connection.vendor == "sqlite":
        statement = "SELECT rowid FROM mailbox_search WHERE mailbox_search MATCH %s ORDER BY rowid DESC LIMIT %s"
        expression = _fts5_query(terms, accounts)
    else:
        statement = (
            "SELECT message_id FROM mailbox_search WHERE document @@ %s::tsquery ORDER BY message_id DESC LIMIT %s"
        )
        expression = _tsquery(terms, accounts)
    with connection.cursor() as cursor:
        cursor.execute(statement, [expression, limit])
        return [pk for (pk,) in cursor.fetchall()]


_SQLITE_REPLACE = (
    "INSERT OR REPLACE INTO mailbox_search (rowid, account, people, subject, body) VALUES (%s, %s, %s, %s, %s)"
)
_REPLACE = " ON CONFLICT (message_id) DO UPDATE SET document = excluded.document"

type _Columns = tuple[str, str, str, str]


def _account_token(account_id: int) -> str:
    """The account is a token like any other, so that one look into the index finds one person's messages only."""
    return f"a{account_id}"


def _fts5_query(terms: Sequence[Term], accounts: Collection[int]) -> str:
    words = " AND ".join(f'"{" ".join(term.tokens)}"{" *" if term.is_prefix else ""}' for term in terms)
    ours = " OR ".join(f'"{_account_token(pk)}"' for pk in accounts)
    return f"account : ({ours}) AND {{people subject body}} : ({words})"


# Weights stand for columns: D account, A people, B subject, C body.
_WEIGHTS = "DABC"


def _tsvector(columns: _Columns) -> str:
    """Return the columns as a tsvector literal; a gap between columns keeps phrases from reaching across."""
    lexemes: list[str] = []
    position = 0
    for weight, column in zip(_WEIGHTS, columns, strict=True):
        words = column.split()
        ends = _ends(weight)[position + 2 : position + 2 + len(words)]
        ends += [_ends(weight)[-1]] * (len(words) - len(ends))
        lexemes += chain.from_iterable(zip(words, ends, strict=True))
        position += 2 + len(words)
    return "".join(lexemes)


@cache
def _ends(weight: str) -> list[str]:
    """Return what follows a word at each position. Formatting it for every word was a tenth of a pull.

    A token is a word and needs no quotes; without them the server reads it in three quarters of the time.
    """
    return [f":{position}{weight} " for position in range(_LAST_POSITION + 1)]


def _tsquery(terms: Sequence[Term], accounts: Collection[int]) -> str:
    ours = " | ".join(f"'{_account_token(pk)}':D" for pk in accounts)
    return " & ".join([f"({ours})", *map(_phrase, terms)])


def _phrase(term: Term) -> str:
    last = len(term.tokens) - 1
    marks = ["*ABC" if term.is_prefix and place == last else "ABC" for place in range(last + 1)]
    return "(" + " <-> ".join(f"'{token}':{mark}" for token, mark in zip(term.tokens, marks, strict=True)) + ")"
