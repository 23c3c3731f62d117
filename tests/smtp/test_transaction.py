"""What becomes of each recipient when the server fails at each step, with PIPELINING and without."""

import time
import tracemalloc

import pytest

from mailbox.smtp import Envelope, Limits, Outcome, Status
from mailbox.smtp.envelope import canonical
from tests.misbehaving_smtp import CAPABILITIES, Action, Drip, Drop, Endless, MisbehavingSmtp, Raw, Silence
from tests.smtp.sessions import HURRIED, HURRIED_WITH_DATA, connect, envelope
from tests.smtpsink import SmtpSink

LOCKSTEP = CAPABILITIES[1:]
TWO = ("bob@home.test", "charlie@home.test")
BIG = b"Subject: Big\r\n\r\n" + b"x" * 998 * 20_000 + b"\r\n"

ways = pytest.mark.parametrize("capabilities", [CAPABILITIES, LOCKSTEP], ids=["pipelined", "lockstep"])


def submit(
    server: MisbehavingSmtp, *recipients: str, octets: bytes = b"Subject: x\r\n\r\nx\r\n"
) -> tuple[Outcome, ...]:
    with connect(server.port) as client:
        return client.submit(envelope(*recipients, octets=octets))


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [str(outcome.status) for outcome in outcomes]


@ways
def test_sends_the_octets_as_they_are(capabilities: tuple[str, ...]) -> None:
    octets = b".\r\n..\r\nSubject: \xe9\r\n\r\n.\r\n\x00" + b"long" * 50_000 + b"\r\n.\r\n\r\n"
    with MisbehavingSmtp(capabilities=capabilities) as server:
        outcomes = submit(server, *TWO, octets=octets)
    assert server.messages == [octets]
    assert outcomes == tuple(Outcome(name, Status.ACCEPTED, 250, "2.0.0 Taken") for name in TWO)
    assert server.commands[1:] == [
        f"MAIL FROM:<alice@home.test> SIZE={len(octets)} BODY=8BITMIME",
        "RCPT TO:<bob@home.test>",
        "RCPT TO:<charlie@home.test>",
        "DATA",
        "QUIT",
    ]


def test_a_message_cannot_smuggle_commands() -> None:
    octets = b"Subject: x\n\nx\n.\nMAIL FROM:<evil@home.test>\r.\r\n.\r\nRCPT TO:<bob@home.test>"
    with MisbehavingSmtp() as server:
        submit(server, octets=octets)
    assert server.messages == [canonical(octets)]
    assert server.verbs == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


def test_pipelining_takes_one_round_trip_for_the_envelope() -> None:
    """The server answers nothing until it has seen DATA."""
    script: dict[str, Action | list[Action]] = {
        "MAIL": Raw(b""),
        "RCPT": Raw(b""),
        "DATA": "250 Ok\r\n250 Ok\r\n354 Go on",
    }
    with MisbehavingSmtp(script) as server:
        assert statuses(submit(server)) == ["accepted"]
    assert len(server.messages) == 1


def test_many_recipients_go_in_groups() -> None:
    recipients = [f"user{number}@home.test" for number in range(180)]
    with MisbehavingSmtp() as server:
        outcomes = submit(server, *recipients)
    assert [outcome.recipient for outcome in outcomes] == recipients
    assert set(statuses(outcomes)) == {"accepted"}
    assert server.verbs.count("RCPT") == 180


@ways
def test_a_refused_recipient_does_not_stop_the_others(capabilities: tuple[str, ...]) -> None:
    script: dict[str, Action | list[Action]] = {
        "RCPT": ["250 Ok", "550 5.1.1 Who?", "452 4.2.2 Full", "251 Will forward", "552 Too many"]
    }
    recipients = [f"user{number}@home.test" for number in range(5)]
    with MisbehavingSmtp(script, capabilities=capabilities) as server:
        outcomes = submit(server, *recipients)
    assert statuses(outcomes) == ["accepted", "refused", "deferred", "accepted", "deferred"]
    assert [outcome.code for outcome in outcomes] == [250, 550, 452, 250, 552]
    assert outcomes[1].reply == "5.1.1 Who?"
    assert len(server.messages) == 1


@ways
@pytest.mark.parametrize(("code", "status"), [("450", "deferred"), ("550", "refused")])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "."])
def test_4yz_defers_and_5yz_refuses_at_every_command(
    step: str, code: str, status: str, capabilities: tuple[str, ...]
) -> None:
    script: dict[str, Action | list[Action]] = {step: [f"{code} no"] * 2 if step == "RCPT" else [f"{code} no"]}
    with MisbehavingSmtp(script, capabilities=capabilities) as server, connect(server.port) as client:
        outcomes = client.submit(envelope(*TWO))
        assert statuses(outcomes) == [status] * 2
        assert {(outcome.code, outcome.reply) for outcome in outcomes} == {(int(code), "no")}
        assert statuses(client.submit(envelope())) == ["accepted"]
    assert server.verbs.count("RSET") == 1


@ways
def test_sends_no_data_when_nobody_was_accepted(capabilities: tuple[str, ...]) -> None:
    with MisbehavingSmtp({"RCPT": "550 Who?"}, capabilities=capabilities) as server, connect(server.port) as client:
        started: list[bool] = []
        outcomes = client.submit(envelope(*TWO), on_data=lambda: started.append(True))
    assert statuses(outcomes) == ["refused", "refused"]
    assert started == []
    # A pipelined DATA that the server let through is ended at once; no octet of the message leaves.
    assert server.messages == ([b""] if capabilities is CAPABILITIES else [])


@ways
@pytest.mark.parametrize("action", [Drop(), Drop(is_reset=True), Silence(), "what?", Endless()])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_line_lost_before_the_data_defers(step: str, action: Action, capabilities: tuple[str, ...]) -> None:
    with MisbehavingSmtp({step: action}, capabilities=capabilities) as server:
        client = connect(server.port, limits=HURRIED)
        outcomes = client.submit(envelope(*TWO))
        assert not client.is_usable
    assert statuses(outcomes) == ["deferred"] * 2
    assert {outcome.code for outcome in outcomes} == {0}
    assert server.messages == []


@pytest.mark.parametrize("action", [Drop(octets=100_000), Drop(octets=100_000, is_reset=True), Silence()])
def test_a_line_lost_amid_the_content_defers(action: Action) -> None:
    with MisbehavingSmtp({"CONTENT": action}, capabilities=["PIPELINING"]) as server:
        outcomes = connect(server.port, limits=HURRIED_WITH_DATA).submit(envelope(octets=BIG))
    assert statuses(outcomes) == ["deferred"]


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (b"552 5.3.4 Too big\r\n", "refused", 552),
        (b"452 4.3.1 Full\r\n", "deferred", 452),
        (b"421 4.3.2 Enough\r\n", "deferred", 421),
        (b"250 Fine\r\n", "deferred", 0),
    ],
)
def test_a_refusal_amid_the_content_is_believed(reply: bytes, status: str, code: int) -> None:
    with MisbehavingSmtp({"CONTENT": Silence(reply)}, capabilities=["PIPELINING"]) as server:
        [outcome] = connect(server.port, limits=HURRIED_WITH_DATA).submit(envelope(octets=BIG))
    assert (str(outcome.status), outcome.code) == (status, code)


def test_a_refusal_ahead_of_the_content_is_believed() -> None:
    with MisbehavingSmtp({"DATA": Raw(b"354 go\r\n554 5.7.1 No, do not\r\n")}, capabilities=LOCKSTEP) as server:
        [outcome] = submit(server)
    assert (outcome.status, outcome.code, outcome.reply) == (Status.REFUSED, 554, "5.7.1 No, do not")


def test_an_acceptance_ahead_of_the_content_is_not_believed() -> None:
    with MisbehavingSmtp({"DATA": Raw(b"354 go\r\n250 all yours\r\n")}, capabilities=LOCKSTEP) as server:
        assert statuses(submit(server)) == ["deferred"]


@ways
@pytest.mark.parametrize(
    "action", [Drop(), Drop(is_reset=True), Silence(), Drip(b"250 " + b"." * 99), Endless(), "354 more", "hello"]
)
def test_a_line_lost_after_the_final_dot_is_uncertain(action: Action, capabilities: tuple[str, ...]) -> None:
    script: dict[str, Action | list[Action]] = {"RCPT": ["250 Ok", "550 Who?"], ".": action}
    with MisbehavingSmtp(script, capabilities=capabilities) as server:
        client = connect(server.port, limits=HURRIED_WITH_DATA)
        outcomes = client.submit(envelope(*TWO))
        assert not client.is_usable
    assert statuses(outcomes) == ["uncertain", "refused"]
    assert len(server.messages) == 1


@ways
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "."])
def test_421_defers_whoever_is_open_and_ends_the_session(step: str, capabilities: tuple[str, ...]) -> None:
    with (
        MisbehavingSmtp({step: "421 4.3.2 Shutting down"}, capabilities=capabilities) as server,
        connect(server.port) as client,
    ):
        outcomes = client.submit(envelope(*TWO))
        assert not client.is_usable
    assert statuses(outcomes) == ["deferred"] * 2
    assert {(outcome.code, outcome.reply) for outcome in outcomes} == {(421, "4.3.2 Shutting down")}


def test_421_keeps_what_was_settled_before() -> None:
    script: dict[str, Action | list[Action]] = {"RCPT": ["550 Who?", "421 Enough", "250 Ok"]}
    with MisbehavingSmtp(script) as server:
        outcomes = submit(server, *TWO, "dora@home.test")
    assert statuses(outcomes) == ["refused", "deferred", "deferred"]


def test_a_server_that_hung_up_between_messages_defers() -> None:
    with MisbehavingSmtp({".": [Raw(b"250 Taken\r\n421 4.4.2 Idle\r\n")]}) as server, connect(server.port) as client:
        assert statuses(client.submit(envelope())) == ["accepted"]
        assert statuses(client.submit(envelope())) == ["deferred"]
        assert not client.is_usable
    assert server.verbs.count("MAIL") == 1


def test_a_reply_too_many_is_never_taken_for_the_next_answer() -> None:
    with MisbehavingSmtp({"RCPT": Raw(b"250 ok\r\n250 ok\r\n")}, capabilities=LOCKSTEP) as server:
        assert statuses(submit(server)) == ["deferred"]


@ways
def test_many_messages_share_a_connection(capabilities: tuple[str, ...]) -> None:
    with MisbehavingSmtp(capabilities=capabilities) as server, connect(server.port) as client:
        for number in range(20):
            assert statuses(client.submit(envelope(octets=b"%d\r\n" % number))) == ["accepted"]
    assert server.messages == [b"%d\r\n" % number for number in range(20)]
    assert server.sessions == 1


def test_a_refused_rset_ends_the_connection() -> None:
    script: dict[str, Action | list[Action]] = {"MAIL": ["450 Later"], "RSET": "502 What?"}
    with MisbehavingSmtp(script, capabilities=LOCKSTEP) as server, connect(server.port) as client:
        assert statuses(client.submit(envelope())) == ["deferred"]
        assert statuses(client.submit(envelope())) == ["deferred"]
        assert not client.is_usable
    assert server.verbs.count("MAIL") == 1


def test_tells_right_before_the_first_octet_leaves() -> None:
    with MisbehavingSmtp() as server, connect(server.port) as client:
        seen: list[tuple[list[str], int]] = []
        client.submit(envelope(), on_data=lambda: seen.append((server.verbs, len(server.messages))))
    assert seen == [(["EHLO", "MAIL", "RCPT", "DATA"], 0)]


def test_what_the_hook_raises_ends_the_connection_and_sends_nothing() -> None:
    with MisbehavingSmtp() as server:
        client = connect(server.port)
        with pytest.raises(ZeroDivisionError):
            client.submit(envelope(), on_data=lambda: 1 / 0)  # type: ignore[arg-type]
        assert not client.is_usable
    assert server.messages == []


def test_a_message_over_the_announced_size_is_refused_here() -> None:
    with MisbehavingSmtp(capabilities=["SIZE 1000000"]) as server:
        [outcome] = submit(server, octets=b"x" * 1_500_000)
    assert (outcome.status, outcome.code) == (Status.REFUSED, 0)
    assert outcome.reply == "The message has 1.5 MB; the server takes 1.0 MB at most."
    assert "MAIL" not in server.verbs


@pytest.mark.parametrize("size", ["SIZE 0", "SIZE", "SIZE lots"])
def test_a_server_may_announce_no_size(size: str) -> None:
    with MisbehavingSmtp(capabilities=[size]) as server:
        assert statuses(submit(server)) == ["accepted"]


def test_8_bit_octets_need_a_server_that_takes_them() -> None:
    with MisbehavingSmtp(capabilities=["PIPELINING"]) as server:
        [outcome] = submit(server, octets=b"Subject: \xe9\r\n\r\n")
    assert (outcome.status, outcome.code) == (Status.REFUSED, 0)
    assert "8-bit" in outcome.reply


def test_sends_international_addresses_with_smtputf8() -> None:
    with MisbehavingSmtp() as server:
        assert statuses(submit(server, "用户@例子.test")) == ["accepted"]
    assert server.commands[1:3] == ["MAIL FROM:<alice@home.test> SIZE=17 SMTPUTF8", "RCPT TO:<用户@例子.test>"]


def test_without_smtputf8_only_international_recipients_are_refused() -> None:
    with MisbehavingSmtp(capabilities=["PIPELINING"]) as server:
        outcomes = submit(server, "用户@例子.test", "bob@home.test")
    assert statuses(outcomes) == ["refused", "accepted"]
    assert "letters" in outcomes[0].reply
    assert [line for line in server.commands if line.startswith("RCPT")] == ["RCPT TO:<bob@home.test>"]


def test_without_smtputf8_an_international_sender_is_refused() -> None:
    with MisbehavingSmtp(capabilities=["PIPELINING"]) as server, connect(server.port) as client:
        outcomes = client.submit(Envelope("用户@例子.test", TWO, b"x"))
    assert statuses(outcomes) == ["refused"] * 2
    assert "MAIL" not in server.verbs


def test_a_locally_refused_message_leaves_the_connection_usable() -> None:
    with MisbehavingSmtp(capabilities=["SIZE 100"]) as server, connect(server.port) as client:
        assert statuses(client.submit(envelope(octets=b"x" * 200))) == ["refused"]
        assert statuses(client.submit(envelope())) == ["accepted"]
    assert "RSET" not in server.verbs


def test_sends_the_null_reverse_path() -> None:
    with MisbehavingSmtp() as server, connect(server.port) as client:
        client.submit(Envelope("", ("bob@home.test",), b"x\r\n"))
    assert server.commands[1] == "MAIL FROM:<> SIZE=3"


def test_control_characters_and_length_of_a_reply_are_tamed() -> None:
    with MisbehavingSmtp({"MAIL": "550-\x1b[31mred\x07\r\n550 " + "x" * 3000}) as server:
        [outcome] = submit(server)
    assert outcome.reply.startswith("[31mred")
    assert outcome.reply.isprintable()
    assert len(outcome.reply) == 500


def test_the_session_deadline_cuts_a_dripping_reply() -> None:
    limits = Limits(command_seconds=60, data_seconds=60, session_seconds=1)
    with MisbehavingSmtp({".": Drip(b"250-" + b"x" * 1000)}) as server:
        began_at = time.monotonic()
        client = connect(server.port, limits=limits)
        assert statuses(client.submit(envelope())) == ["uncertain"]
    assert time.monotonic() - began_at < 2


def test_a_large_message_is_not_held_twice(sink: SmtpSink) -> None:
    large = envelope(octets=b"." + BIG)
    with connect(sink.port) as client:
        tracemalloc.start()
        [outcome] = client.submit(large)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert outcome.status is Status.ACCEPTED
    assert peak < 1_000_000
