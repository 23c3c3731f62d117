"""A web application for `test_serving`: a large file at /file, everywhere else a word."""

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import Any

from mailbox.views.sending_files import Sending
from webmail.serving import sharing

# More than the kernel keeps for a reader.
OCTETS = 32 * 1024 * 1024


def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request; each file is for another person."""
    if environ["PATH_INFO"] != "/file":
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]
    file = TemporaryFile()  # noqa: SIM115  # closed by whoever sends it
    file.truncate(OCTETS)
    sending = Sending.begin(file, int(environ["QUERY_STRING"]))
    start_response("200 OK" if sending else "503 Full", [])
    return sending or [b""]


application = sharing(answer)
