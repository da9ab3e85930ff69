"""Which network addresses may be asked: a pasted token names the server, and tokens come from anywhere."""

import ipaddress

from django.conf import settings

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds tell a machine its own secrets; some of them lie outside the link-local range.
_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback_name(host: str) -> bool:
    """Say whether the host names this machine without any look-up."""
    return host in _LOOPBACK_NAMES


def is_allowed(text: str) -> bool:
    """Say whether a request may go to the address that a connection was made to.

    Link-local and metadata addresses are always refused. Private ones need the operator's leave, and
    loopback that or the setting for tests.
    """
    address = _unwrap(ipaddress.ip_address(text.partition("%")[0]))
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_global or settings.SIMPLEFIN_ALLOW_PRIVATE_ADDRESSES:
        return True
    return address.is_loopback and settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK


def _unwrap(address: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 one carries inside, whatever the way."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
