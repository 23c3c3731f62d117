"""Thumbnails: made in a bounded process, once, and never for what is no picture."""

import io
import struct
import subprocess
import sys
import zlib
from email.message import EmailMessage
from unittest import mock

import pytest
from PIL import Image

from accounts.models import MailAccount
from mailbox import tasks, thumbnails
from mailbox.models import Message, Thumbnail
from mailbox.picture import HEIGHT, MOST_PIXELS, WIDTH, Unfit, shrink
from tests.cast import deliver


def picture(width: int = 40, height: int = 30, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 40, 30)).save(out, kind, **options)
    return out.getvalue()


def bomb() -> bytes:
    """A small file that becomes a picture of a gigabyte; Pillow would need the gigabyte to make it."""
    side = 30_000
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + side // 8) * side), 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )


def message_with(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "dana@far.test", "Pictures"
    message.set_content("Look.")
    for name, octets in files:
        message.add_attachment(octets, maintype="image", subtype="png", filename=name)
    return message.as_bytes()


def opened(octets: bytes) -> Image.Image:
    return Image.open(io.BytesIO(octets), formats=["WEBP"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_shrinks_what_browsers_show(kind: str) -> None:
    small = opened(shrink(picture(1600, 1200, kind)))
    assert small.size == (WIDTH, HEIGHT)


def test_turns_a_picture_as_its_camera_was_held_and_forgets_where_it_was() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N"}
    small = opened(shrink(picture(40, 20, "JPEG", exif=exif)))
    assert small.size == (20, 40)
    assert not small.getexif()


def test_takes_the_first_frame_alone() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    small = opened(shrink(out.getvalue()))
    assert getattr(small, "n_frames", 1) == 1
    red, _green, blue = small.convert("RGB").tobytes()[:3]
    assert red > 200 > 50 > blue


@pytest.mark.parametrize("octets", [b"", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + bytes(99), b"<svg/>"])
def test_refuses_what_is_no_picture(octets: bytes) -> None:
    with pytest.raises(Unfit):
        shrink(octets)


def test_refuses_other_formats_whatever_pillow_knows() -> None:
    with pytest.raises(Unfit):
        shrink(picture(kind="TIFF"))


def test_refuses_a_bomb_by_its_header() -> None:
    assert MOST_PIXELS < 30_000**2
    with pytest.raises(Unfit, match="too many pixels"):
        shrink(bomb())


def test_the_process_knows_no_secret_and_makes_a_picture() -> None:
    with mock.patch.object(subprocess, "run", wraps=subprocess.run) as run:
        small = thumbnails.shrink(picture(1600, 1200))
    assert opened(small).size == (WIDTH, HEIGHT)
    assert run.call_args.kwargs["env"] == {}
    assert run.call_args.args[0][0] == sys.executable


def test_a_process_that_dies_or_hangs_costs_only_the_thumbnail() -> None:
    assert thumbnails.shrink(bomb()) == b""
    with mock.patch.object(subprocess, "run", side_effect=subprocess.TimeoutExpired("picture", 20)):
        assert thumbnails.shrink(picture()) == b""


@pytest.fixture
def album(account: MailAccount) -> Message:
    files = [("a.png", picture()), ("b.png", b"<script>x()</script>"), ("c.pdf", b"%PDF-1.7")]
    [message] = deliver(account, message_with(*files))
    return message


def test_makes_what_is_missing_and_remembers_what_cannot_be_made(album: Message) -> None:
    assert thumbnails.make(album) == 2
    drawn = dict(Thumbnail.objects.values_list("attachment__file_name", "is_drawn"))
    assert drawn == {"a.png": True, "b.png": False}


def test_makes_nothing_twice(album: Message) -> None:
    thumbnails.make(album)
    with mock.patch.object(thumbnails, "shrink") as shrunk:
        assert thumbnails.make(album) == 0
    shrunk.assert_not_called()


def test_two_workers_at_once_leave_one_thumbnail(album: Message) -> None:
    def another_was_faster(octets: bytes) -> bytes:
        if not Thumbnail.objects.exists():
            thumbnails_of_another(album)
        return b"late"

    def thumbnails_of_another(message: Message) -> None:
        for attachment in message.attachments.all():
            Thumbnail.objects.create(attachment=attachment, octets=b"first", is_drawn=True)

    with mock.patch.object(thumbnails, "shrink", side_effect=another_was_faster):
        thumbnails.make(album)
    assert {bytes(each.octets) for each in Thumbnail.objects.all()} == {b"first"}


def test_a_message_of_many_pictures_gets_a_bounded_number(account: MailAccount) -> None:
    files = [(f"{number}.png", picture()) for number in range(thumbnails.PER_MESSAGE + 3)]
    [message] = deliver(account, message_with(*files))
    assert len(thumbnails.wanted(message.attachments.with_thumbnails())) == thumbnails.PER_MESSAGE


def test_the_task_makes_them_and_a_message_that_is_gone_is_no_error(album: Message) -> None:
    tasks.make_thumbnails(album.pk)
    tasks.make_thumbnails(0)
    assert Thumbnail.objects.filter(is_drawn=True).count() == 1


def test_housekeeping_drops_old_ones(album: Message) -> None:
    thumbnails.make(album)
    kept = Thumbnail.objects.get(is_drawn=False)
    Thumbnail.objects.exclude(pk=kept.pk).update(made_at="2020-01-01T00:00:00Z")
    tasks.housekeeping()
    assert Thumbnail.objects.get() == kept
