"""What can be done with the files and the octets of one message."""

from django.urls import path, register_converter

from mailbox.mime.places import Places
from mailbox.views import archive, body, enclosed, file, paper, part, source


class PlacesConverter:
    """Where a part is: `3`, or `3.1` for a file of the message that was forwarded as part 3."""

    regex = r"\d{1,4}(?:\.\d{1,4}){0,8}"

    def to_python(self, value: str) -> Places:
        return tuple(int(each) for each in value.split("."))

    def to_url(self, value: Places | int) -> str:
        return str(value) if isinstance(value, int) else ".".join(map(str, value))


register_converter(PlacesConverter, "places")

urlpatterns = [
    path("part/<places:places>/", part.part, name="part"),
    path("part/<places:places>/view/", file.file, name="file"),
    path("part/<places:places>/body/", body.body, name="body"),
    path("part/<places:places>/message/", enclosed.enclosed, name="enclosed"),
    path("part/<places:places>/thumbnail/", file.thumbnail, name="thumbnail"),
    path("files/", file.files, name="files"),
    path("files/zip/", archive.archive, name="zip"),
    path("part/<places:places>/files/zip/", archive.archive, name="zip"),
    path("source/", source.source, name="source"),
    path("original/", source.original, name="original"),
    path("print/", paper.paper, name="print"),
    path("headers/", source.headers, name="headers"),
]
