"""Which addresses may be asked, whatever way they are written."""

import pytest

from banksync.simplefin.addresses import is_allowed

METADATA = [
    "169.254.169.254",
    "fe80::1%eth0",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fd00:ec2::254",
    "100.100.100.200",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "2002:a9fe:a9fe::1",
]
PRIVATE = ["10.0.0.1", "192.168.1.1", "172.16.0.1", "fd12::1", "::ffff:10.0.0.1", "100.64.0.1"]
LOOPBACK = ["127.0.0.1", "::1", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("address", METADATA)
@pytest.mark.parametrize("leave", [False, True])
def test_link_local_and_metadata_addresses_are_always_refused(settings, address, leave):
    """Requirement 2"""
    settings.SIMPLEFIN_ALLOW_PRIVATE_ADDRESSES = settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK = leave
    assert not is_allowed(address)


@pytest.mark.parametrize("address", PRIVATE + LOOPBACK)
def test_private_addresses_need_the_operators_leave(settings, address):
    """Requirement 2"""
    assert not is_allowed(address)
    settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK = True
    assert is_allowed(address) == (address in LOOPBACK)
    settings.SIMPLEFIN_ALLOW_PRIVATE_ADDRESSES = True
    assert is_allowed(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address):
    """Requirement 2"""
    assert is_allowed(address)
