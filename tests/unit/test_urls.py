"""Link-local addresses in all their spellings."""

import pytest

from townos.urls import is_link_local


@pytest.mark.parametrize(
    "host",
    [
        "169.254.0.1",
        "169.254.169.254.",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "fe80::1",
        "fe80::1%eth0",
        "febf::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "[fe80::1]",
    ],
)
def test_every_spelling_of_a_link_local_address_is_known(host: str) -> None:
    assert is_link_local(host)


@pytest.mark.parametrize(
    "host",
    [
        "::169.254.169.254",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "::ffff:0:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "64:ff9b:1:a9:fe:a9fe::",
        "64:ff9b:1:0:a9:fea9:fe00:0",
        "2002:a9fe:a9fe::",
        "2001:0:a9fe:a9fe::",
        "2001::5601:5601",
        "2001:db8::5efe:169.254.169.254",
        "2001:db8::200:5efe:169.254.169.254",
    ],
)
def test_a_link_local_address_inside_an_ipv6_one_is_known(host: str) -> None:
    assert is_link_local(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "git.example",
        "a9fea9fe",
        "127.0.0.1",
        "169.253.0.1",
        "192.168.1.1",
        "::1",
        "::ffff:192.168.1.1",
        "64:ff9b::c0a8:101",
        "64:ff9b:1::c0a8:101",
        "2002:c0a8:101::",
        "2001:0:102:304::",
        "2001:db8::a9fe:a9fe",
        "fd00::1",
        "fec0::1",
        "ö" * 70,
    ],
)
def test_hosts_of_the_home_and_of_the_internet_are_not_link_local(host: str) -> None:
    assert not is_link_local(host)
