"""A message in the queue becomes a draft again."""

from accounts.senders import Senders
from mailbox import rich
from mailbox.mime.compose import Address
from mailbox.mime.parse import parse
from mailbox.models import Draft, Message, Outgoing
from mailbox.uploads import refer


def keep(draft: Draft, outgoing: Outgoing) -> None:
    """Keep `draft` out of sight while it is on its way as `outgoing`.

    Raises Draft.DoesNotExist when it was queued or discarded meanwhile: of two that queue it at once, one must lose.
    """
    if not Draft.objects.filter(pk=draft.pk).update(outgoing=outgoing):
        raise Draft.DoesNotExist


def again(outgoing: Outgoing) -> Draft:
    """Return the draft that `outgoing` was made of, to the letter; where none was kept, one made of its octets."""
    kept = Draft.with_hidden.select_related("account").filter(outgoing=outgoing).first()
    if kept is None:
        return _read_again(outgoing)
    # Not by save(): the draft keeps the time at which it was written.
    Draft.with_hidden.filter(pk=kept.pk).update(outgoing=None)
    kept.outgoing = None
    return kept


def _read_again(outgoing: Outgoing) -> Draft:
    parsed = parse(outgoing.original.octets)
    names = {each.address.lower(): each for each in (*parsed.header.to, *parsed.header.cc)}
    typed: dict[str, list[str]] = {}
    for recipient in outgoing.recipients.all():
        shown = names.get(recipient.address.lower(), Address("", recipient.address))
        typed.setdefault(recipient.header, []).append(_as_typed(shown))
    parent = Message.objects.filter(account=outgoing.account_id, message_id__in=parsed.header.in_reply_to[:1]).first()
    body = (len(parsed.readable) == 1 and parsed.plain) or parsed  # which alone would stop at a limit
    writer = outgoing.writer or outgoing.account.owner
    sender = Senders.of(writer, accounts=[outgoing.account]).at(outgoing.account, outgoing.reverse_path)
    draft = Draft.objects.create(
        writer=writer,
        account=outgoing.account,
        sender=sender.stored if sender else "",
        kind=Draft.Kind.REPLY if parent else Draft.Kind.NEW,
        parent=parent,
        subject=parsed.header.subject,
        text=body.text().removesuffix("\n"),
        **{header: ", ".join(addresses) for header, addresses in typed.items()},
    )
    for part in parsed.attachments:
        refer(draft, outgoing.original_id, part, content_id=rich.content_id_of(part))
    rich.restore(draft, parsed)
    return draft


def _as_typed(address: Address) -> str:
    name = address.name.replace('"', "").replace("\\", "")
    return f'"{name}" <{address.address}>' if name else address.address
