"""Which addresses may be sent to: none that leads into a network of our own."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

from governance.errors import FieldError, InvalidRequest

Resolve = Callable[[str, int], list[str]]
"""All addresses of a name, for a port. Raises `OSError`."""

_MAX_URL = 2000
_OURS = ("localhost", "local", "internal", "home", "lan")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits
_6TO4 = IPv6Network("2002::/16")  # RFC 3056: in bits 16 to 48
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given away, and nothing else
# Special, and yet `is_global` for some versions of Python (IANA registries of special addresses).
_SPECIAL_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_SPECIAL_V6 = (IPv6Network("2001::/23"), IPv6Network("3fff::/20"))


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name as this host finds them. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is reachable from anywhere, also where it carries an IPv4 address."""
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _SPECIAL_V6)


def refusal(address: str, *, allow_private: bool, encrypted: bool) -> str | None:
    """Why nothing is sent to this address, or None.

    With `allow_private` every address is good, but what is not encrypted stays on this host.
    """
    parsed = ip_address(address)
    if not allow_private and not is_public(parsed):
        return "it is not an address of the public internet"
    if not encrypted and not (_carried(parsed) or parsed).is_loopback:
        return "only the host itself is sent to without TLS"
    return None


def check_url(text: str, *, allow_private: bool) -> None:
    """Refuse an address that could never be sent to. Raises InvalidRequest.

    A name is not resolved here but at each delivery, when it counts.
    """
    wrong = _wrong_with(text, allow_private)
    if wrong is not None:
        message, hint = wrong
        raise InvalidRequest(message, errors=[FieldError("/url", message, hint)])


def _is_ours(host: str) -> bool:
    """Whether a name is none of the public internet: one label, or one set aside (RFC 6761)."""
    labels = host.rstrip(".").lower().split(".")
    is_name = ":" not in host and not labels[-1].isdigit()
    return is_name and (len(labels) == 1 or labels[-1] in _OURS)


def _wrong_with(text: str, allow_private: bool) -> tuple[str, str] | None:
    example = "as in https://hooks.example.com/governance"
    plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    if not plain or not 0 < len(text) <= _MAX_URL:
        return f"the address is not 1 to {_MAX_URL} printable ASCII characters", example
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        return f"the address cannot be read: {error}", example
    if url.scheme != "https" and not (allow_private and url.scheme == "http"):
        return "the address is not one of https", example
    if not url.host:
        return "the address names no host", example
    if not allow_private and _is_ours(url.host):
        return f"{url.host} is a name of private networks", "give a public name"
    if url.userinfo:
        return "the address holds credentials", "leave them out: every delivery is signed"
    if url.fragment:
        return "the address has a fragment, which is never sent", "leave out `#` and what follows"
    try:
        why = refusal(url.host, allow_private=allow_private, encrypted=url.scheme == "https")
    except ValueError:
        return None  # a name
    if why is None:
        return None
    return f"nothing is sent to {url.host}: {why}", "give a public address"


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which a packet to this IPv6 address is handed on."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour if address in _6TO4 else None
