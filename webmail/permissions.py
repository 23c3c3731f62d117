"""What browsers may let our pages do: next to nothing, so that whatever gets into one can neither look nor listen."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_NEVER = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "browsing-topics",
)
# Passkeys are made and used on our own pages.
_OURS = ("publickey-credentials-create", "publickey-credentials-get")
POLICY = ", ".join([*(f"{name}=()" for name in _NEVER), *(f"{name}=(self)" for name in _OURS)])


class PermissionsPolicyMiddleware:
    """Sends the header with every answer that says nothing of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response
