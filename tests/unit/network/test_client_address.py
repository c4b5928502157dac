"""Who counts as one over the network."""

import pytest

from townos.network.client_address import is_loopback, source


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", False),
        ("::1", "::2", True),
        ("<local>", "<local>", True),
        ("<local>", "192.0.2.1", False),
    ],
)
def test_a_source_is_an_ipv4_address_or_an_ipv6_network(address: str, other: str, same: bool) -> None:
    assert (source(address) == source(other)) is same


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("2001:db8::1", False),
        ("<local>", False),
        ("", False),
    ],
)
def test_which_addresses_are_this_machines_own(address: str, own: bool) -> None:
    assert is_loopback(address) is own
