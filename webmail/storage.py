"""Where `collectstatic` puts files: bundles in the place of small ones, all by hashed names and compressed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from webmail.bundles import SCRIPT_FILES, STYLE_FILES
from webmail.joining import joined_scripts, joined_styles

# What every visitor loads. Brotli saves a tenth there, and takes twenty times as long as gzip: too long at each start
# for the pages of the operator and for versions of libraries that no page names.
_BROTLI = ("*/bundles/*", "*/img/*.svg", "*/django_htmx/htmx-4.min.*")


class BundledStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which gets the bundles too; what they hold has no address of its own."""

    def post_process(self, paths: Mapping[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Write the bundles, then name and compress all that a page may ask for."""
        if not dry_run:
            self._write(STYLE_FILES, joined_styles)
            self._write(SCRIPT_FILES, joined_scripts)
        bundles = STYLE_FILES | SCRIPT_FILES
        held = {source for sources in bundles.values() for source in sources}
        alone = {path: place for path, place in paths.items() if path not in held}
        yield from super().post_process(alone | {path: (self, path) for path in bundles}, dry_run=dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages name, which are hashed names alone."""
        named = set(self.hashed_files.values())
        yield from super().compress_files([path for path in paths if path in named])

    def create_compressor(self, **options: Any) -> Compressor:
        """Return what compresses one file after the other."""
        return _Compressor(**options)

    def _write(self, bundles: Mapping[str, Iterable[str]], joined: Callable[[Iterable[str]], str]) -> None:
        for path, sources in bundles.items():
            text = joined(self._read(source) for source in sources)
            self.delete(path)
            self.save(path, ContentFile(text.encode()))

    def _read(self, path: str) -> str:
        with self.open(path) as file:
            content: bytes = file.read()
        return content.decode()


class _Compressor(Compressor):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._gzip = Compressor(**options, use_brotli=False)

    def compress(self, path: str) -> list[str]:
        is_common = any(fnmatch(path, pattern) for pattern in _BROTLI)
        files: list[str] = super().compress(path) if is_common else self._gzip.compress(path)
        return files
