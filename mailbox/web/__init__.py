"""A client for strangers' web servers that cannot be turned against whoever runs it. No Django, no settings.

Who may be asked is decided by the caller's `resolve`; how long, how much and what kind by `Limits` and by arguments.
"""

from .client import get, post
from .errors import Answered, Forbidden, Garbled, Unreachable, Untrusted, WebError
from .images import MEDIA_TYPES, image_type, may_be_image
from .target import read_target
from .values import Answer, Limits, Resolve

__all__ = [
    "MEDIA_TYPES",
    "Answer",
    "Answered",
    "Forbidden",
    "Garbled",
    "Limits",
    "Resolve",
    "Unreachable",
    "Untrusted",
    "WebError",
    "get",
    "image_type",
    "may_be_image",
    "post",
    "read_target",
]
