"""No address of a network of our own is sent to, in whatever way it is written."""

from ipaddress import ip_address

import pytest

from governance.drops.webhooks.addresses import check_url, is_public, refusal
from governance.errors import InvalidRequest

OURS = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.0.9",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.5",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",  # the old form of an IPv4 address in IPv6
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff0e::1",
    "100::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "2606:4700::1111",
    "2620:fe::fe",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", OURS)
def test_an_address_of_no_public_network_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    assert refusal(address, allow_private=False, encrypted=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_sent_to(address: str) -> None:
    assert is_public(ip_address(address))
    assert refusal(address, allow_private=False, encrypted=True) is None


def test_without_tls_only_the_host_itself_is_sent_to() -> None:
    for address in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"):
        assert refusal(address, allow_private=True, encrypted=False) is None
    for address in ("10.0.0.1", "8.8.8.8", "::ffff:10.0.0.1", "fe80::1"):
        assert "without TLS" in str(refusal(address, allow_private=True, encrypted=False))
    assert refusal("10.0.0.1", allow_private=True, encrypted=True) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "characters"),
        ("https://hooks.example.com/" + "a" * 2000, "characters"),
        ("https://hooks.example.com/ä", "characters"),
        ("https://hooks.example.com/\n", "characters"),
        ("https://hooks.example.com\\@10.0.0.1/", "characters"),
        ("http://hooks.example.com/", "https"),
        ("http://127.0.0.1/", "https"),
        ("ftp://hooks.example.com/", "https"),
        ("hooks.example.com", "https"),
        ("https:///path", "no host"),
        ("https://localhost/path", "private networks"),
        ("https://api.localhost./path", "private networks"),
        ("https://intranet/path", "private networks"),
        ("https://db.internal/path", "private networks"),
        ("https://user:word@hooks.example.com/", "credentials"),
        ("https://user@hooks.example.com/", "credentials"),
        ("https://hooks.example.com/#part", "fragment"),
        ("https://hooks.example.com:port/", "cannot be read"),
        ("https://127.0.0.1/", "public internet"),
        ("https://[::1]/", "public internet"),
        ("https://[::ffff:10.0.0.1]:8443/", "public internet"),
    ],
)
def test_an_address_that_can_never_be_sent_to_is_refused_with_why(url: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why) as refused:
        check_url(url, allow_private=False)
    [error] = refused.value.errors
    assert error.field == "/url"
    assert error.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/governance?team=1",
        "https://hooks.example.com:8443",
        "https://8.8.8.8/hook",
        "https://[2606:4700::1111]/hook",
    ],
)
def test_an_https_address_on_any_port_is_good(url: str) -> None:
    check_url(url, allow_private=False)


def test_where_private_networks_are_allowed_http_leads_to_the_host_itself_only() -> None:
    check_url("http://127.0.0.1:9000/hook", allow_private=True)
    check_url("http://localhost:9000/hook", allow_private=True)  # the name counts at delivery
    with pytest.raises(InvalidRequest, match="without TLS"):
        check_url("http://10.0.0.1/hook", allow_private=True)
