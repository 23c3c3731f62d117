"""Messages for browsers: sealed as RFC 8291 says, signed as RFC 8292 says."""

import base64
import json
import time

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from mailbox import web
from mailbox.web import push
from tests.push_service import Browser

# RFC 8291, appendix A.
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def read_example(sealed: bytes) -> bytes:
    private = ec.derive_private_key(int.from_bytes(push.decoded(RECEIVER)), ec.SECP256R1())
    return http_ece.decrypt(sealed, private_key=private, auth_secret=push.decoded(SECRET), version="aes128gcm")


def test_the_test_s_browser_reads_the_example_of_rfc_8291():
    assert read_example(push.decoded(SEALED)) == b"When I grow up, I want to be a watermelon"


def test_the_browser_of_rfc_8291_reads_what_is_sealed_for_it():
    private = ec.derive_private_key(int.from_bytes(push.decoded(RECEIVER)), ec.SECP256R1())
    point = private.public_key().public_numbers()
    public_key = push.encoded(b"\x04" + point.x.to_bytes(32) + point.y.to_bytes(32))
    assert read_example(push.seal(b"Mail", public_key=public_key, secret=SECRET)) == b"Mail"


def test_nothing_sealed_twice_looks_alike():
    browser = Browser()
    one, other = (push.seal(b"{}", public_key=browser.public_key, secret=browser.secret) for _ in range(2))
    assert one != other
    assert browser.read(one) == browser.read(other) == {}


def test_the_longest_message_fits_into_what_services_take():
    browser = Browser()
    message = json.dumps("x" * (push.LONGEST - 2)).encode()
    assert len(push.seal(message, public_key=browser.public_key, secret=browser.secret)) <= 4096


@pytest.mark.parametrize(
    ("public_key", "secret"),
    [
        ("", SECRET),
        ("rubbish", SECRET),
        ("é", SECRET),
        (push.encoded(b"\x04" + bytes(64)), SECRET),
        (push.encoded(b"\x02" + bytes(32)), SECRET),
        (Browser().public_key, ""),
        (Browser().public_key, push.encoded(bytes(15))),
    ],
    # The keys are others each time, and two processes share the tests by their names.
    ids=["none", "rubbish", "no ASCII", "no point", "compressed", "no secret", "short secret"],
)
def test_what_is_no_key_of_a_browser_is_refused(public_key, secret):
    with pytest.raises(web.Forbidden):
        push.browser_keys(public_key, secret)


def test_says_who_it_comes_from_to_that_service_alone():
    private = ec.generate_private_key(ec.SECP256R1())
    fields = push.fields("https://push.test/a/b?c", private, contact="mailto:postmaster@home.test", seconds=60)
    assert Vapid02.verify(fields["Authorization"])
    token = fields["Authorization"].partition("t=")[2].partition(",")[0].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    assert (claims["aud"], claims["sub"]) == ("https://push.test", "mailto:postmaster@home.test")
    # RFC 8292, 2: no more than a day ahead.
    assert time.time() < claims["exp"] < time.time() + 24 * 3600


def test_fields_are_those_of_rfc_8030():
    private = ec.generate_private_key(ec.SECP256R1())
    fields = push.fields("https://push.test:8443/", private, contact="mailto:a@home.test", seconds=60, topic="abc")
    assert (fields["TTL"], fields["Topic"], fields["Urgency"]) == ("60", "abc", "normal")
    assert fields["Content-Encoding"] == "aes128gcm"
    assert "Topic" not in push.fields("https://push.test/", private, contact="mailto:a@home.test", seconds=60)


def test_what_is_no_address_is_refused():
    private = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(web.Forbidden):
        push.fields("file:///etc/passwd", private, contact="mailto:a@home.test", seconds=60)
