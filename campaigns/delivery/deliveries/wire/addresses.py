"""Which addresses targets may have: none of the operator's own network, unless the settings allow it.

A person of the client's may type any host name. Without this, the program would fetch and tell what is
behind the operator's firewall (server-side request forgery). A name is resolved once, its address is
judged, and the connection goes to that very address: a name that answers differently the second time
gains nothing.
Source: OWASP, Server-Side Request Forgery Prevention Cheat Sheet, "Application layer", case 2.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from campaigns.delivery.deliveries.wire.faults import SendFault, network_faults
from campaigns.delivery.deliveries.words import DeliveryReason
from dialer.errors import ConfigurationError

Network = IPv4Network | IPv6Network
Ip = IPv4Address | IPv6Address

#: Source: RFC 6052, section 2.1: IPv4 addresses behind translators.
_NAT64 = IPv6Network("64:ff9b::/96")
_RESOLVE_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Pinned:
    """A host's addresses, judged; connections go to the first that answers."""

    host: str
    port: int
    addresses: tuple[str, ...]
    is_trusted: bool  #: every address is one the operator allowed by name


def read_networks(text: str) -> tuple[Network, ...]:
    """Read ``OUTDIAL_DELIVERY_NETWORKS``: networks such as ``10.1.0.0/16``, separated by commas.

    Raises:
        ConfigurationError: one of them is no network.
    """
    try:
        return tuple(ip_network(word) for word in text.replace(",", " ").split())
    except ValueError as error:
        raise ConfigurationError(f"OUTDIAL_DELIVERY_NETWORKS: {error}.") from error


def may_be_reached(address: Ip, allowed: Sequence[Network]) -> bool:
    """Tell whether a connection to an address may be made: it is public, or was allowed."""
    inner = _carried(address)
    if any(
        one.version == network.version and one in network for network in allowed for one in inner
    ):
        return True
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in inner)


def _carried(address: Ip) -> tuple[Ip, ...]:
    """Return the address a packet comes to in the end, when IPv6 carries an IPv4 address."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address,)


async def pinned(host: str, port: int, allowed: Sequence[Network]) -> Pinned:
    """Return where a host is; all of its addresses must be allowed.

    Raises:
        SendFault: the name is unknown, or leads into a network that is not allowed.
    """
    loop = asyncio.get_running_loop()
    with network_faults():
        async with asyncio.timeout(_RESOLVE_WITHIN_S):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
    ips = [ip_address(one) for one in addresses]
    for ip in ips:
        if not may_be_reached(ip, allowed):
            raise SendFault(DeliveryReason.PRIVATE_ADDRESS, host)
    trusted = all(
        any(ip.version == network.version and ip in network for network in allowed) for ip in ips
    )
    return Pinned(host, port, addresses, trusted)
