"""The guard against IANA's special-purpose registries, whatever this Python's `ipaddress` knows of them."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.whatweb.addresses import is_public, is_within, parse_address

NOT_PUBLIC = {
    "this network": "0.0.0.0",
    "this network, rest": "0.1.2.3",
    "private 10": "10.0.0.1",
    "carrier-grade NAT": "100.64.0.1",
    "Alibaba's metadata": "100.100.100.200",
    "loopback": "127.0.0.1",
    "loopback, rest": "127.255.255.254",
    "link-local": "169.254.0.1",
    "metadata": "169.254.169.254",
    "private 172": "172.31.255.255",
    "IETF protocol assignments": "192.0.0.8",
    "IETF protocol assignments, anycast": "192.0.0.9",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "6to4 relay": "192.88.99.1",
    "private 192": "192.168.1.1",
    "benchmarking": "198.19.0.1",
    "Azure's platform service": "168.63.129.16",
    "multicast": "224.0.0.1",
    "multicast, rest": "239.255.255.255",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "IPv6 unspecified": "::",
    "IPv6 loopback": "::1",
    "IPv4-compatible": "::127.0.0.1",
    "IPv4-mapped loopback": "::ffff:127.0.0.1",
    "IPv4-mapped metadata": "::ffff:a9fe:a9fe",
    "IPv4-translated": "::ffff:0:127.0.0.1",
    "NAT64 of private": "64:ff9b::10.0.0.1",
    "NAT64 of metadata": "64:ff9b::169.254.169.254",
    "NAT64, local use": "64:ff9b:1::1",
    "discard": "100::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "IPv6 benchmarking": "2001:2::1",
    "ORCHIDv2": "2001:20::1",
    "IPv6 documentation": "2001:db8::1",
    "IPv6 documentation, new": "3fff::1",
    "6to4 of loopback": "2002:7f00:1::1",
    "segment routing": "5f00::1",
    "unallocated": "4000::1",
    "unique local": "fd00::1",
    "Amazon's metadata": "fd00:ec2::254",
    "link-local IPv6": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "site-local": "fec0::1",
    "IPv6 multicast": "ff02::1",
    "IPv6 multicast, global scope": "ff0e::1",
}
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC.keys())
def test_special_address_is_not_public(address: str) -> None:
    assert not is_public(parse_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_public(address: str) -> None:
    assert is_public(parse_address(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_its_ipv6_spellings(address: object) -> None:
    plain = is_public(parse_address(str(address)))
    assert is_public(parse_address(f"::ffff:{address}")) is plain
    assert is_public(parse_address(f"64:ff9b::{address}")) is plain


def test_an_allowed_ipv4_network_contains_its_mapped_addresses_and_no_ipv6() -> None:
    networks = [ip_network("10.0.0.0/8")]
    assert is_within(parse_address("::ffff:10.1.2.3"), networks)
    assert not is_within(parse_address("11.0.0.1"), networks)
    assert not is_within(parse_address("fd00::1"), networks)
