"""What error pages and reports tell while DEBUG is on: where it went wrong, and none of what was at hand there."""

import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

_PLAIN = (bool, int, float, type(None))


class ReportFilter(SafeExceptionReporterFilter):
    """Django's own shows everything while DEBUG is on: passwords in forms and variables, and people's mail."""

    # Addresses of databases, brokers and mail servers hold their passwords.
    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|URL|LOCATION|MAILERS|_BODY", re.I
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """Numbers as they are; of everything else its type alone."""
        variables = tb_frame.f_locals.items()
        return {name: value if isinstance(value, _PLAIN) else type(value) for name, value in variables}.items()
