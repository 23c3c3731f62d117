"""The octets of messages, byte for byte as they came, in a table that no list ever loads."""

import hashlib
import threading
from collections.abc import Sequence
from io import BytesIO
from typing import Self

import zstandard
from django.conf import settings
from django.db import models, transaction

from mailbox.models import blobs, rows
from mailbox.models.rows import unsaved

_LEVEL = 3


class Original(models.Model):
    """The octets of one message, compressed; stored once per person, however many accounts received it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    octets_count = models.PositiveBigIntegerField()
    compressed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="one_original_per_owner")]

    def __str__(self) -> str:
        return f"{self.octets_count} octets, SHA-256 {self.sha256[:12]}"

    @classmethod
    def of(cls, owner_id: int, octets: bytes) -> Self:
        """Return an unsaved row for `octets`."""
        return unsaved(
            cls, owner_id=owner_id, sha256=sha256(octets), octets_count=len(octets), compressed=_compress(octets)
        )

    @classmethod
    def stored(cls, owner_id: int, octets: bytes) -> "Original":
        """Return the row that holds `octets` for this person, which is made where there is none."""
        return cls.of(owner_id, octets).kept()

    @classmethod
    def store(cls, originals: "Sequence[Original]") -> dict[str, int]:
        """Insert those whose octets are not stored yet, in a transaction; return their keys by their SHA-256."""
        large = {each.sha256: each.compressed for each in originals if len(each.compressed) > blobs.LARGE}
        for each in originals:
            if each.sha256 in large:
                each.compressed = b""
        new = rows.insert_new(originals, by="sha256")
        for each in originals:
            if each.sha256 in large:
                each.compressed = large[each.sha256]
                if each.sha256 in new:
                    blobs.write(cls, "compressed", new[each.sha256], each.compressed)
        return new

    def kept(self) -> "Original":
        """Return the stored row of these octets, which this one becomes where there is none."""
        with transaction.atomic():
            Original.store([self])
        return Original.objects.defer("compressed").get(owner=self.owner_id, sha256=self.sha256)

    @property
    def octets(self) -> bytes:
        """The message as it was received."""
        if not self.octets_count:
            return b""
        if "compressed" in self.get_deferred_fields():
            return self._read()
        return _decompressor().decompress(bytes(self.compressed), max_output_size=self.octets_count)

    def _read(self) -> bytes:
        """The message, without a moment in which all of its compressed octets lie beside it."""
        stream = _decompressor().decompressobj()
        out = BytesIO()
        out.writelines(map(stream.decompress, blobs.read(Original, "compressed", self.pk)))
        return out.getvalue()

    def is_whole(self) -> bool:
        """Whether the stored octets are still those whose hash was taken before they were stored."""
        return sha256(self.octets) == self.sha256


# Both cost more to make than a message to go through them, and serve one thread at a time.
_tools = threading.local()


def _compress(octets: bytes) -> bytes:
    if not hasattr(_tools, "compressor"):
        _tools.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return _tools.compressor.compress(octets)


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_tools, "decompressor"):
        _tools.decompressor = zstandard.ZstdDecompressor()
    return _tools.decompressor


def sha256(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
