"""Who counts as one, of those that ask over the network."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from townos.limits import SOURCE_NAME_MAX_CHARS

_IPV6_PREFIX_BITS: Final = 64


def source(address: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 network of an IPv6 one.

    A link-local IPv6 address stands for itself: all machines of the home share that /64.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address[:SOURCE_NAME_MAX_CHARS]
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if isinstance(ip, IPv4Address) or ip.is_link_local:
        return str(ip)
    return str(IPv6Network((int(ip), _IPV6_PREFIX_BITS), strict=False))


def is_loopback(address: str) -> bool:
    """Tell whether an address is this machine's own: a proxy in front of us, as a rule, which speaks for many."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback
