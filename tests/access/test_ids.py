"""Ids of other people's things that stand beside the address: in a form, or in what follows the question mark."""

import pytest
from django.urls import reverse

from accounts.models import MailAccount, Membership, SubmissionServer
from mailbox.models import Draft, Folder, Label, Message
from mailbox.views.pulse import pulse_of
from tests.access.stage import SECRET, Stage
from tests.access.table import Role
from tests.cast import deliver, octets_of

pytestmark = pytest.mark.django_db
STRANGERS = (Role.OUTSIDER, Role.ADMIN)


@pytest.fixture(params=STRANGERS)
def role(request: pytest.FixtureRequest) -> Role:
    return request.param


@pytest.fixture
def own(stage: Stage, role: Role) -> Message:
    """A message of the one who tries it, in an account that can send."""
    person = stage.people[role]
    account = MailAccount.objects.create(owner=person, name="Own", address=person.email)
    SubmissionServer.objects.create(account=account, host="smtp.example.org", port=465, login="x", password="x")
    [message] = deliver(account, octets_of("Mine"))
    return message


def test_a_selection_takes_only_what_its_owner_may_read(stage: Stage, role: Role, own: Message):
    ticked = {"verb": "trash", "key": [stage.things["message"], own.key]}
    assert stage.browsers[role].post(reverse("selection"), ticked).status_code == 302
    assert Message.objects.get(key=own.key).folder == Folder.TRASH
    assert Message.objects.get(key=stage.things["message"]).folder == Folder.INBOX


def test_nobody_puts_another_person_s_label_on_his_mail(stage: Stage, role: Role, own: Message):
    answer = stage.browsers[role].post(reverse("act", args=[own.key, "label"]), {"label": stage.things["label"]})
    assert answer.status_code == 404
    assert not Label.objects.get(key=stage.things["label"]).labelled.exists()


def test_an_account_that_is_not_his_has_no_list(stage: Stage, role: Role, own: Message):
    answer = stage.browsers[role].get(reverse("inbox"), {"account": stage.things["account"]})
    assert answer.status_code == 404
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("kind", ["reply", "reply-all", "forward"])
def test_nobody_answers_what_he_may_not_read(stage: Stage, role: Role, own: Message, kind: str):
    assert stage.browsers[role].get(reverse("compose"), {kind: stage.things["message"]}).status_code == 404


def test_a_draft_quotes_no_message_that_its_writer_may_not_read(stage: Stage, role: Role, own: Message):
    form = {"do": "save", "parent": stage.things["message"], "kind": "forward", "text": "x"}
    stage.browsers[role].post(reverse("compose"), form)
    draft = Draft.objects.get(writer=stage.people[role])
    assert draft.parent is None
    assert not draft.files.exists()


def test_nobody_writes_as_an_account_that_is_not_his(stage: Stage, role: Role, own: Message):
    form = {"do": "send", "account": stage.things["account"], "to": "eve@far.test", "subject": "x", "text": "x"}
    answer = stage.browsers[role].post(reverse("compose"), form)
    assert answer.status_code == 422
    assert Draft.objects.get(writer=stage.people[role]).account == own.account


def test_a_draft_of_his_own_does_not_open_another_person_s_picture(stage: Stage, role: Role, own: Message):
    draft = Draft.objects.create(writer=stage.people[role], account=own.account)
    url = reverse("draft_picture", args=[draft.key, stage.things["draft picture"]])
    assert stage.browsers[role].get(url).status_code == 404


def test_the_form_of_another_person_s_draft_makes_none_and_changes_none(stage: Stage, role: Role, own: Message):
    form = {"do": "save", "key": stage.things["draft"], "text": "taken over"}
    assert stage.browsers[role].post(reverse("compose"), form).status_code == 404
    assert Draft.objects.get(key=stage.things["draft"]).text == SECRET


def test_what_others_have_done_is_not_taken_back(stage: Stage, role: Role, own: Message):
    before = Message.objects.get(key=stage.things["message"]).is_starred
    stage.browsers[role].post(reverse("undo", args=[stage.things["deed"]]), {"message": stage.things["message"]})
    assert Message.objects.get(key=stage.things["message"]).is_starred == before


def test_undo_shows_no_line_of_what_the_form_names(stage: Stage, role: Role, own: Message):
    url, form = reverse("undo", args=["AAAAAAAAAAAAAAAA"]), {"message": stage.things["message"]}
    answer = stage.browsers[role].post(url, form, headers={"HX-Request": "true"})
    assert SECRET not in answer.content.decode()


def test_an_image_s_token_opens_with_its_own_message_alone(stage: Stage, role: Role, own: Message):
    url = reverse("remote_image", args=[own.key, stage.things["token"]])
    assert stage.browsers[role].get(url).status_code == 404


def test_the_poll_of_a_stranger_s_pulse_says_only_that_it_is_another(stage: Stage, role: Role, own: Message):
    since = str(pulse_of(stage.people[Role.OWNER].pk))
    answer = stage.browsers[role].get(reverse("live"), {"since": since})
    assert answer.status_code == 200
    assert SECRET not in answer.content.decode()


def test_a_search_finds_nothing_of_others(stage: Stage, role: Role, own: Message):
    page = stage.browsers[role].get(reverse("search"), {"q": "dana"}).content.decode()
    assert "quince" not in page


def test_a_member_who_may_read_cannot_send(stage: Stage):
    reader, account = stage.browsers[Role.READER], MailAccount.objects.get(key=stage.things["account"])
    assert Membership.objects.get(account=account, user=stage.people[Role.READER]).role == Membership.Role.READ
    form = {"do": "send", "account": account.key, "to": "eve@far.test", "subject": "x", "text": "x"}
    reader.post(reverse("compose"), form)
    assert not account.outgoing.filter(writer=stage.people[Role.READER]).exists()
