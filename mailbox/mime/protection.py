"""Whether a message is signed or encrypted, and by which standard; nothing is verified or opened here.

OpenPGP (RFC 9580) comes as PGP/MIME (RFC 3156) or as armour inside the text, S/MIME as RFC 8551 describes.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from mailbox.mime.parameters import read_parameters
from mailbox.mime.structure import Node

SMIME_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_ENCLOSED = ("enveloped-data", "authenveloped-data", "encrypted-data")
_ARMOUR = re.compile(rb"^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----[ \t]*\r?$", re.M)
_LOOKED_AT = 64 * 1024


class Protection(StrEnum):
    """What a message claims to be protected by; of several, the outermost that encrypts counts."""

    NONE = "none"
    OPENPGP_SIGNED = "openpgp-signed"
    OPENPGP_ENCRYPTED = "openpgp-encrypted"
    SMIME_SIGNED = "smime-signed"
    SMIME_ENCRYPTED = "smime-encrypted"

    @property
    def is_signed(self) -> bool:
        """Whether a signature is in sight; what is encrypted may hold another."""
        return self in (Protection.OPENPGP_SIGNED, Protection.SMIME_SIGNED)

    @property
    def is_encrypted(self) -> bool:
        """Whether the content cannot be read without a key."""
        return self in (Protection.OPENPGP_ENCRYPTED, Protection.SMIME_ENCRYPTED)


def protection_of_tree(root: Node) -> Protection:
    """What the media types below `root` say."""
    found = [each for node in _nodes(root) if (each := _protection(node)) is not Protection.NONE]
    encrypted = [each for each in found if each.is_encrypted]
    return next(iter(encrypted or found), Protection.NONE)


def protection_of_text(content: bytes) -> Protection:
    """What the armour in a text says; only its first 64 KB are looked at."""
    if b"-----BEGIN PGP " not in content:
        return Protection.NONE
    armour = _ARMOUR.search(content, 0, _LOOKED_AT)
    if not armour:
        return Protection.NONE
    return Protection.OPENPGP_ENCRYPTED if armour[1] == b"MESSAGE" else Protection.OPENPGP_SIGNED


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _protection(node: Node) -> Protection:
    if node.media_type == "multipart/signed":
        return Protection.SMIME_SIGNED if "pkcs7" in _protocol(node) else Protection.OPENPGP_SIGNED
    if node.media_type == "multipart/encrypted":
        return Protection.OPENPGP_ENCRYPTED
    if node.media_type in SMIME_TYPES:
        return _protection_of_smime(node)
    return Protection.NONE


def _protocol(node: Node) -> str:
    """What made the signature: the parameter, or where it is missing the type of the signature's part."""
    named = node.parameters.get("protocol", "").lower()
    return named or (node.children[-1].media_type if node.children else "")


def _protection_of_smime(node: Node) -> Protection:
    """The parameter says which kind it is (RFC 8551, 3.2.2); without it the name does, and else it is encrypted."""
    kind = node.parameters.get("smime-type", "").lower()
    if kind in _ENCLOSED:
        return Protection.SMIME_ENCRYPTED
    if kind == "signed-data":
        return Protection.SMIME_SIGNED
    if kind:
        return Protection.NONE
    _, disposition = read_parameters(node.fields.get(b"content-disposition", b""))
    name = (disposition.get("filename") or node.parameters.get("name", "")).lower()
    return Protection.NONE if name.endswith((".p7c", ".p7b")) else Protection.SMIME_ENCRYPTED
