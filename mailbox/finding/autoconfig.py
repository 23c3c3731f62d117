"""Configuration files in Mozilla's format (config-v1.1.xml), octets to values. Nothing is asked here."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from accounts.models import Security
from mailbox.finding.values import Place, Servers, domain_of, host_name, login_text

# The better protected first; what is plain is no offer.
_SECURITIES = {"SSL": Security.TLS, "STARTTLS": Security.STARTTLS}
_PASSWORDS = frozenset({"password-cleartext", "password-encrypted", "plain", "secure"})
_LONGEST_PAGE = 500


def read_config(xml: bytes, address: str) -> Servers | None:
    """Return the servers that a file names for `address`; None where it names no POP3 server, or is no such file."""
    try:
        root = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    provider = root.find("emailProvider")
    if provider is None:
        return None
    pop3 = _best(_servers(provider, "incomingServer", "pop3"), address)
    smtp = _best(_servers(provider, "outgoingServer", "smtp"), address)
    if pop3 is None:
        return None
    element, place = pop3
    return Servers(
        pop3=place,
        smtp=smtp[1] if smtp else None,
        login=_login(element, address),
        smtp_login=_login(smtp[0], address) if smtp else "",
        is_token_only=not _takes_password(element),
        help_page=_help_page(provider),
    )


def _servers(provider: Element, tag: str, kind: str) -> list[Element]:
    return [each for each in provider.findall(tag) if each.get("type", "").lower() == kind]


def _best(servers: Iterable[Element], address: str) -> tuple[Element, Place] | None:
    """Return the server to use: one that takes passwords before one that does not, TLS before STARTTLS."""
    found = [(each, place) for each in servers if (place := _place(each, address))]
    return min(found, key=lambda pair: (not _takes_password(pair[0]), pair[1].security != Security.TLS), default=None)


def _place(server: Element, address: str) -> Place | None:
    security = _SECURITIES.get(_text(server, "socketType").upper())
    host = host_name(_filled(_text(server, "hostname"), address))
    port = _text(server, "port")
    if not (security and host and port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        return None
    return Place(host, int(port), security)


def _takes_password(server: Element) -> bool:
    ways = {(each.text or "").strip().lower() for each in server.findall("authentication")}
    return not ways or bool(ways & _PASSWORDS)


def _login(server: Element, address: str) -> str:
    return login_text(_filled(_text(server, "username"), address))


def _filled(text: str, address: str) -> str:
    """Put the address and its parts where the file has places for them."""
    local_part = address.rpartition("@")[0]
    places = {
        "%EMAILADDRESS%": address,
        "%EMAILLOCALPART%": local_part,
        "%EMAILDOMAIN%": domain_of(address),
    }
    for name, value in places.items():
        text = text.replace(name, value)
    return text


def _help_page(provider: Element) -> str:
    """Return the address of the first page that explains the settings; https alone, for it becomes a link."""
    pages = (each.get("url", "") for each in provider.findall("documentation"))
    return next((each for each in pages if _is_page(each)), "")


def _is_page(url: str) -> bool:
    return url.startswith("https://") and len(url) <= _LONGEST_PAGE and url.isascii() and url.isprintable()


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()
