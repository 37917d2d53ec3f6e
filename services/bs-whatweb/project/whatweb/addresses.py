"""Which IP addresses are public: the guard that keeps a caller's URL out of the networks we stand in."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# `is_global` follows IANA's special-purpose registries, but each Python release follows another edition of
# them (3.11 calls 192.0.0.8 global, 3.13 does not), and it judges neither multicast nor tunnels.
_NOT_PUBLIC: tuple[Network, ...] = (
    ip_network("168.63.129.16/32"),  # Azure's platform service: from inside a virtual machine only
    ip_network("192.0.0.0/24"),  # IETF protocol assignments, RFC 6890
    ip_network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    ip_network("224.0.0.0/4"),  # multicast
    ip_network("2001::/23"),  # IETF protocol assignments: Teredo, ORCHID (global to Python 3.13) and others
    ip_network("2002::/16"),  # 6to4: carries any IPv4 address, private ones too, RFC 3056
    ip_network("3fff::/20"),  # documentation, RFC 9637
)
_IPV6_UNICAST = ip_network("2000::/3")  # all that IANA has allocated to the public; the rest is special
_NAT64 = ip_network("64:ff9b::/96")  # a public IPv4 address as IPv6-only networks see it, RFC 6052


def parse_address(text: str) -> Address:
    """The address that a connection to `text` ends at.

    IPv4-mapped IPv6 (`::ffff:127.0.0.1`) and NAT64 are other spellings of an IPv4 address and are
    judged as that one. ValueError when `text` is no address.
    """
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def is_public(address: Address) -> bool:
    if not address.is_global or is_within(address, _NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in _IPV6_UNICAST
