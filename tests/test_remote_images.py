"""Images of the web: wanted by readers, loaded by workers, kept for a while."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from mailbox import fetcher, remote_images, web
from mailbox.models import RemoteImage
from tests.web.odd_web import PNG, OddWeb, gives, leads_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(remote_images, "wake", names.append)
    return names


@pytest.fixture
def far(settings) -> Iterator[OddWeb]:
    """A server on loopback, which the operator allows."""
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(gives()) as server:
        yield server


def wanted(address: str) -> RemoteImage:
    RemoteImage.objects.want([address])
    return RemoteImage.objects.at([address]).get()


def loaded(address: str) -> RemoteImage:
    row = wanted(address)
    remote_images.load(row)
    return RemoteImage.objects.get(pk=row.pk)


def test_wanting_notes_each_address_once_and_wakes_loaders(woken):
    remote_images.want(["http://far.test/1", "http://far.test/2", "http://far.test/1"])
    remote_images.want(["http://far.test/1"])
    assert RemoteImage.objects.count() == 2
    assert woken == ["load_images"] * 3


def test_what_is_here_wakes_nobody(woken):
    RemoteImage.objects.want(["http://far.test/1"])
    RemoteImage.objects.update(media_type="image/png", due_at=None)
    remote_images.want(["http://far.test/1"])
    remote_images.want([])
    assert woken == []


def test_many_addresses_wake_no_more_loaders_than_there_are(woken):
    remote_images.want([f"http://far.test/{number}" for number in range(50)])
    assert len(woken) == remote_images.LOADERS_COUNT


def test_loads_an_image(far):
    row = loaded(f"{far.url}/a.png")
    assert (row.media_type, bytes(row.octets), row.octets_count) == ("image/png", PNG, len(PNG))
    assert row.is_here
    assert row.is_settled


def test_the_type_is_that_of_the_octets(settings):
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(gives(b"GIF89a...", "image/png")) as server:
        assert loaded(server.url).media_type == "image/gif"


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"<html>", b""])
def test_what_is_no_image_is_not_kept(settings, content):
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(gives(content)) as server:
        row = loaded(server.url)
    assert (row.is_here, row.is_settled, bytes(row.octets)) == (False, True, b"")


HOSTS = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "localhost."]


@pytest.mark.parametrize("host", [*HOSTS, "0", "[::]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"])
def test_no_spelling_of_loopback_is_asked(host):
    with OddWeb(gives()) as server:
        row = loaded(f"http://{host}:{server.port}/a.png")
    assert (row.is_here, server.lines) == (False, [])


@pytest.mark.parametrize("host", ["169.254.169.254", "100.64.0.1", "10.0.0.1", "192.168.1.1", "[fd00:ec2::254]"])
def test_no_private_network_is_asked(host):
    with pytest.raises(web.Forbidden):
        fetcher.image_at(f"http://{host}/latest/meta-data/")


@pytest.mark.parametrize("port", [22, 25, 6379, 8000, 8080])
def test_only_the_ports_of_the_web_are_asked(port):
    with pytest.raises(web.Forbidden):
        fetcher.image_at(f"http://8.8.8.8:{port}/")


def test_hosts_that_people_may_name_as_mail_servers_are_not_opened_to_strangers(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with OddWeb(gives()) as server, pytest.raises(web.Forbidden):
        fetcher.image_at(server.url)
    assert server.lines == []


def test_a_redirect_into_the_private_network_is_not_followed(settings):
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(gives()) as inside, OddWeb(leads_to(f"http://127.0.0.2:{inside.port}/")) as outside:
        row = loaded(outside.url)
    assert (row.is_here, len(outside.lines), inside.lines) == (False, 1, [])


def test_what_may_pass_is_tried_again_a_few_times(settings):
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(gives(status="503 Later")) as server:
        row = loaded(server.url)
        assert row.due_at
        assert row.due_at > timezone.now()
        for _ in range(3):
            RemoteImage.objects.update(due_at=timezone.now())
            remote_images.load(row)
        row.refresh_from_db()
        assert row.is_settled
        assert len(server.lines) == 4


def test_one_loader_has_an_image_at_a_time(far):
    row = wanted(far.url)
    assert RemoteImage.objects.get().claim(timezone.now())
    remote_images.load(row)
    assert far.lines == []


def test_what_breaks_a_loader_does_not_come_again(monkeypatch):
    row = wanted("http://far.test/")
    monkeypatch.setattr(fetcher, "image_at", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        remote_images.load(row)
    assert not RemoteImage.objects.due(timezone.now() + timedelta(days=1)).exists()


def test_a_loader_takes_whatever_is_due(far):
    RemoteImage.objects.want([f"{far.url}/{number}" for number in range(5)])
    remote_images.load_due()
    assert RemoteImage.objects.filter(media_type="image/png").count() == 5


def test_no_more_loaders_run_than_may(far):
    RemoteImage.objects.want([far.url])
    held = [remote_images._loaders.acquire(blocking=False) for _ in range(remote_images.LOADERS_COUNT)]
    remote_images.load_due()
    for _ in held:
        remote_images._loaders.release()
    assert held == [True] * remote_images.LOADERS_COUNT
    assert far.lines == []


def test_waits_until_all_are_settled(monkeypatch):
    rows = [wanted("http://far.test/1"), wanted("http://far.test/2")]
    steps = iter(rows)

    def settle(_seconds: float) -> None:
        RemoteImage.objects.filter(pk=next(steps).pk).update(due_at=None)

    monkeypatch.setattr(remote_images.time, "sleep", settle)
    found = remote_images.await_images([row.address for row in rows], seconds=5)
    assert all(row.is_settled for row in found)
    assert next(steps, None) is None


def test_nobody_waits_where_two_wait_already(monkeypatch):
    wanted("http://far.test/1")
    monkeypatch.setattr(remote_images, "_WAITING", threading.BoundedSemaphore(1))
    monkeypatch.setattr(remote_images.time, "sleep", lambda _: pytest.fail("waited"))
    assert remote_images._WAITING.acquire()
    [row] = remote_images.await_images(["http://far.test/1"], seconds=5)
    assert not row.is_settled


def test_gives_its_place_back_when_it_has_waited(monkeypatch):
    wanted("http://far.test/1")
    monkeypatch.setattr(remote_images, "_WAITING", threading.BoundedSemaphore(1))
    for _ in range(3):
        remote_images.await_images(["http://far.test/1"], seconds=0.01)
    assert remote_images._WAITING.acquire(blocking=False)


def test_the_oldest_go_when_all_are_too_large_together(settings):
    settings.REMOTE_IMAGES_OCTETS_LIMIT = 250
    now = timezone.now()
    for age in (3, 1, 2):
        RemoteImage.objects.create(sha256=str(age), made_at=now - timedelta(days=age), octets_count=100)
    RemoteImage.trim(now)
    assert set(RemoteImage.objects.values_list("sha256", flat=True)) == {"1", "2"}


def test_what_is_old_goes():
    now = timezone.now()
    RemoteImage.objects.create(sha256="old", made_at=now - timedelta(days=15))
    RemoteImage.objects.create(sha256="new", made_at=now - timedelta(days=13))
    RemoteImage.trim(now)
    assert RemoteImage.objects.get().sha256 == "new"
