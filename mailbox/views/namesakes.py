"""Who else bears the name of a new sender in letters that no database folds: wide ones, and capitals beyond ASCII."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet
from django.db.models.functions import Lower

from accounts.models import Identity
from mailbox.mime.names import fold, spellings
from mailbox.mime.sender import Known, is_whole_name
from mailbox.models import Folder, Message
from webmail.prepared import Prepared

# A page shows as many open messages, and each spelling is a place in a statement that is kept.
_MOST_SPELLINGS = 128

type _Wrote = tuple[str, datetime]
"""An address, and when it wrote for the first time."""


def named_alike(
    messages: Sequence[Message], known: Mapping[int, Known], *, accounts: Collection[int]
) -> dict[int, Known]:
    """Return those of `known` that change once names are compared as they are read; two queries, none without a doubt.

    A name that is written in one way was looked up already, and who has written for weeks is no impostor.
    """
    doubted = [each for each in messages if each.pk in known and _is_doubted(each, known[each.pk])]
    if not doubted:
        return {}
    names, others = _own_names(accounts), _writers(doubted, accounts)
    return {
        each.pk: replace(
            known[each.pk],
            is_own_name=known[each.pk].is_own_name or fold(each.sender_name) in names,
            namesake=known[each.pk].namesake or _namesake(each, others[fold(each.sender_name)]),
        )
        for each in doubted
    }


def _is_doubted(message: Message, known: Known) -> bool:
    is_found = known.is_own_name or known.namesake
    may_be_known = known.is_new and not is_found and is_whole_name(message.sender_name)
    return may_be_known and len(spellings(message.sender_name)) > 1


def _namesake(message: Message, writers: Collection[_Wrote]) -> str:
    """Another address that wrote under the name earlier."""
    others = (address for address, at in writers if address != message.sender_address and at < message.received_at)
    return next(others, "")


def _own_names(accounts: Collection[int]) -> frozenset[str]:
    return frozenset(fold(name) for (name,) in _identities(accounts=list(accounts)))


def _writers(messages: Sequence[Message], accounts: Collection[int]) -> defaultdict[str, list[_Wrote]]:
    """Return who has written under the names of `messages`, by the folded name."""
    wanted = sorted({each for message in messages for each in spellings(message.sender_name)})[:_MOST_SPELLINGS]
    found: defaultdict[str, list[_Wrote]] = defaultdict(list)
    for name, address, first_at in _writing(accounts=list(accounts), names=_filled(wanted)):
        if address:
            found[fold(name)].append((address, first_at))
    return found


def _filled(names: list[str]) -> list[str]:
    """Return `names`, the last repeated to a power of two, so that few statements are kept."""
    size = 1 << (len(names) - 1).bit_length()
    return names + names[-1:] * (size - len(names))


@Prepared
def _identities(accounts: list[int]) -> QuerySet[Identity, tuple[Any, ...]]:
    return Identity.objects.filter(account__in=accounts).values_list("name")


@Prepared
def _writing(accounts: list[int], names: list[str]) -> QuerySet[Message, tuple[Any, ...]]:
    kept = Message.objects.filter(account__in=accounts).exclude(folder=Folder.TRASH)
    wrote = kept.alias(lower_name=Lower("sender_name")).filter(lower_name__in=names)
    return wrote.values("sender_name", "sender_address").values_list(
        "sender_name", "sender_address", Min("received_at")
    )
