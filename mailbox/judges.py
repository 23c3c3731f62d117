"""Which server checks the senders of an account's mail, learned from the mail itself and only ever proposed.

What stands in a message can be forged, so nothing is believed because it is frequent: a person says whether the name
belongs to the provider.
"""

from collections import Counter, defaultdict

from accounts.models import MailAccount
from accounts.providers import judges_of
from mailbox.mime.authentication import authenticate, is_trusted, topmost_server
from mailbox.mime.domains import site
from mailbox.mime.fields import read_header
from mailbox.models import Folder, Message

# The newest messages tell enough; large ones would only cost time.
_SAMPLE = 40
_SAMPLE_OCTETS = 200_000
_HEADER_OCTETS = 64 * 1024
_FEWEST = 5
_SHARE = 0.6


def proposed(account: MailAccount) -> str:
    """Return the name to propose: a server, or `*.example.test` where several of one domain take turns; "" for none."""
    if not account.pk or not (seen := _seen(account)):
        return ""
    counts = Counter(server for server in seen if server)
    by_site: dict[str, Counter[str]] = defaultdict(Counter)
    for server, count in counts.items():
        by_site[site(server)][server] = count
    name, servers = max(by_site.items(), key=lambda item: item[1].total(), default=("", Counter[str]()))
    if servers.total() < max(_FEWEST, _SHARE * len(seen)):
        return ""
    found = next(iter(servers)) if len(servers) == 1 else f"*.{name}"
    return "" if is_trusted(found, known(account)) else found


def known(account: MailAccount) -> frozenset[str]:
    """Return the names that are believed already: those the person chose, and what is known of the provider."""
    maildrop = getattr(account, "remote_maildrop", None)
    return frozenset(account.trusted_servers) | judges_of(maildrop.host if maildrop else "")


def _seen(account: MailAccount) -> list[str]:
    """Return, for each of the newest messages that came in, the server whose word would count; "" for none."""
    came = Message.objects.filter(account=account, folder__in=[Folder.INBOX, Folder.ARCHIVE])
    newest = came.filter(octets_count__lte=_SAMPLE_OCTETS).select_related("original").order_by("-pk")
    return [_server(message.octets) for message in newest[:_SAMPLE]]


def _server(octets: bytes) -> str:
    fields = read_header(octets, 0, len(octets), limit=_HEADER_OCTETS).fields
    server = topmost_server(fields)
    counts = server and authenticate(fields, author="", trusted=[server]).server == server
    return server if counts else ""
