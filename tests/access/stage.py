"""Alice's account with something of everything in it, and a browser for everybody who tries to reach it."""

from collections.abc import Mapping
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import int_to_base36, urlsafe_base64_encode

from accounts.models import (
    HandOver,
    Identity,
    Invitation,
    MailAccount,
    Membership,
    RemoteMaildrop,
    SubmissionServer,
    User,
)
from accounts.passkeys import passkey_of
from mailbox import bulk, threads, undoing
from mailbox.models import Contact, Draft, DraftFile, Export, Label, MailImport, Message, Outgoing, TeamLine, Thumbnail
from mailbox.models.original import Original
from mailbox.views.remote_line import _signature
from tests.access.table import Role, Rule
from tests.cast import deliver

# Stands in everything that is Alice's, so that a test can look for it in what others are answered.
SECRET = "quince-marmalade"
PASSWORD = "hush-hush-hush"
_IMAGE = "https://pictures.test/quince.png"

_PNG = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==\r\n"
_OCTETS = b"\r\n".join(
    [
        b"From: Dana <dana@far.test>",
        b"To: alice@home.test",
        b"Subject: About the quince-marmalade",
        b"Date: Mon, 24 Nov 2025 09:00:00 +0000",
        b"Message-ID: <quince@far.test>",
        b"List-Unsubscribe: <mailto:leave@far.test>",
        b"Disposition-Notification-To: dana@far.test",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="b"',
        b"",
        b"--b",
        b"Content-Type: text/html; charset=utf-8",
        b"",
        b'<p>The quince-marmalade is ready.</p><img src="https://pictures.test/quince.png">',
        b"--b",
        b"Content-Type: text/plain; charset=utf-8",
        b'Content-Disposition: attachment; filename="quince-marmalade.txt"',
        b"",
        b"Sugar.",
        b"--b",
        b"Content-Type: image/png",
        b"Content-Transfer-Encoding: base64",
        b'Content-Disposition: attachment; filename="quince-marmalade.png"',
        b"",
        _PNG,
        b"--b",
        b"Content-Type: message/rfc822",
        b'Content-Disposition: attachment; filename="quince-marmalade.eml"',
        b"",
        b"From: Eve <eve@far.test>",
        b"Subject: quince-marmalade, forwarded",
        b'Content-Type: multipart/mixed; boundary="c"',
        b"",
        b"--c",
        b"Content-Type: text/html; charset=utf-8",
        b"",
        b"<p>quince-marmalade</p>",
        b"--c",
        b"Content-Type: text/plain",
        b'Content-Disposition: attachment; filename="quince-marmalade.csv"',
        b"",
        b"1",
        b"--c--",
        b"--b--",
        b"",
    ]
)


@dataclass(frozen=True)
class Stage:
    """What stands on it, and who looks at it."""

    things: Mapping[str, str]
    """What Alice has, by what the table calls it."""
    strange: Mapping[str, str]
    """The same names with ids that nobody has."""
    people: Mapping[Role, User]
    browsers: Mapping[Role, Client]
    signed_in: Mapping[Role, str]
    """The cookies of each, as they were at first."""

    def request(self, role: Role, method: str, name: str, rule: Rule, *, htmx: bool = False) -> HttpResponseBase:
        """Ask for an address that names Alice's things, as `role`."""
        return self._ask(self.things, role, method, name, rule, htmx=htmx)

    def request_nothing(self, role: Role, method: str, name: str, rule: Rule) -> HttpResponseBase:
        """Ask for an address that names things which do not exist."""
        return self._ask(self.strange, role, method, name, rule, htmx=False)

    def _ask(
        self, things: Mapping[str, str], role: Role, method: str, name: str, rule: Rule, *, htmx: bool
    ) -> HttpResponseBase:
        url = reverse(name.split()[-1], args=[things[each] for each in rule.names])
        sends = {key: things[value[1:]] if value.startswith("@") else value for key, value in rule.sends.items()}
        headers = {"HX-Request": "true"} if htmx else {}
        browser = self.browsers[role]
        if "passkey" not in rule.names:
            # A made-up one can be named and taken away, no more.
            Authenticator.objects.all().delete()
        # Neither what was said there before, nor that it signed out.
        browser.cookies.clear()
        browser.cookies.load(self.signed_in[role])
        if method == "GET":
            return browser.get(url, headers=headers)
        return browser.post(url, sends, headers=headers)


def build(*, checks_csrf: bool = False) -> Stage:
    """Put everything on the stage. In a transaction that is rolled back."""
    people = _people()
    account = _account(people)
    things = _things(account, people)
    strange = {name: _unknown(name, value) for name, value in things.items()}
    browsers = {role: _browser(people.get(role), checks_csrf) for role in Role}
    cookies = {role: browser.cookies.output(attrs=[], header="", sep=";") for role, browser in browsers.items()}
    return Stage(things, strange, people, browsers, cookies)


def _people() -> dict[Role, User]:
    names = {Role.OWNER: "alice", Role.SENDER: "bob", Role.READER: "eve", Role.OUTSIDER: "charlie", Role.ADMIN: "dana"}
    made = {role: User.objects.create_user(name, f"{name}@home.test", "x") for role, name in names.items()}
    User.objects.filter(pk=made[Role.ADMIN].pk).update(is_staff=True, is_superuser=True)
    return made


def _account(people: Mapping[Role, User]) -> MailAccount:
    account = MailAccount.objects.create(
        owner=people[Role.OWNER], name=f"Home {SECRET}", address="alice@home.test", is_team=True
    )
    Identity.objects.create(account=account, name="Alice", address=account.address, is_default=True)
    Identity.objects.create(account=account, name="Alice", address=f"{SECRET}@home.test")
    for role in (Role.READER, Role.SENDER):
        member = Membership.Role.SEND if role == Role.SENDER else Membership.Role.READ
        Membership.objects.create(account=account, user=people[role], role=member)
    servers = {"account": account, "login": SECRET, "password": PASSWORD}
    RemoteMaildrop.objects.create(host="pop.example.org", port=995, **servers)
    SubmissionServer.objects.create(host="smtp.example.org", port=465, **servers)
    return account


def _things(account: MailAccount, people: Mapping[Role, User]) -> dict[str, str]:
    alice = people[Role.OWNER]
    [message] = deliver(account, _OCTETS)
    message = Message.objects.get(pk=message.pk)
    picture = message.attachments.get(media_type="image/png")
    Thumbnail.objects.create(attachment=picture, octets=b"RIFF", is_drawn=True)
    label = Label.objects.create(owner=alice, name=SECRET)
    contact = Contact.objects.create(
        owner=alice,
        name=SECRET,
        address="eve@far.test",
        folded="eve@far.test",
        words=f" {SECRET}",
        last_used_at=message.received_at,
        weight=1.0,
    )
    places = {each.file_name.rpartition(".")[2]: str(each.part) for each in message.attachments.all()}
    note = TeamLine.objects.create(
        account=account, thread_id=message.thread_id, author=alice, kind=TeamLine.Kind.NOTE, text=SECRET
    )
    return {
        "passkey": _passkey(alice),
        "export": _export(alice),
        "person": int_to_base36(alice.pk),
        "proof": "no-proof",
        "invitation": Invitation.make(people[Role.ADMIN])[0].key,
        "import": MailImport.objects.create(account=account, file_name="x", octets_count=1).key,
        "account": account.key,
        "note": note.key,
        "offer": HandOver.objects.create(account=account, to=people[Role.OUTSIDER]).key,
        "alias": str(account.identities.get(is_default=False).pk),
        "message": message.key,
        "label": label.key,
        "contact": contact.key,
        "bulk": bulk.begin(alice, "star", [message.thread_id], is_awaited=True).key,
        "deed": undoing.perform(alice, [message.thread_id], threads.unstar),
        "choice": "more",
        "verb": "archive",
        "final verb": "delete",
        "token": _token(message),
        "text": places["txt"],
        "picture": places["png"],
        "enclosed": places["eml"],
        "outgoing": _outgoing(account, alice).key,
        **_draft(account, alice, message),
    }


def _passkey(alice: User) -> str:
    kept = {"name": SECRET, "credential": {}}
    authenticator = Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=kept)
    return passkey_of(authenticator).key


def _export(alice: User) -> str:
    now = timezone.now()
    made = Export.objects.create(owner=alice, begun_at=now, ready_at=now, state=Export.State.READY, octets_count=4)
    made.path.parent.mkdir(parents=True, exist_ok=True)
    made.path.write_bytes(b"PK..")
    return made.key


def _token(message: Message) -> str:
    return f"{urlsafe_base64_encode(_IMAGE.encode())}.{_signature(message.key, _IMAGE)}"


def _outgoing(account: MailAccount, alice: User) -> Outgoing:
    original = Original.of(alice.pk, f"Subject: {SECRET}\r\n\r\n".encode())
    original.save()
    return Outgoing.objects.create(
        account=account, writer=alice, original=original, message_id="<out@home.test>", subject=SECRET
    )


def _draft(account: MailAccount, alice: User, parent: Message) -> dict[str, str]:
    draft = Draft.objects.create(
        writer=alice, account=account, subject=SECRET, text=SECRET, parent=parent, kind=Draft.Kind.REPLY
    )
    picture = DraftFile.objects.create(
        draft=draft,
        name=f"{SECRET}.png",
        media_type="image/png",
        content_id="q@home.test",
        octets_count=4,
        octets=b"png!",
    )
    return {"draft": draft.key, "draft picture": picture.key}


def _unknown(name: str, value: str) -> str:
    if name in ("person", "proof", "choice", "verb", "final verb", "text", "picture", "enclosed"):
        return value
    return "0" if name == "alias" else "AAAAAAAAAAAAAAAA"


def _browser(person: User | None, checks_csrf: bool) -> Client:
    browser = Client(enforce_csrf_checks=checks_csrf, raise_request_exception=True)
    if person:
        browser.force_login(person)
    return browser
