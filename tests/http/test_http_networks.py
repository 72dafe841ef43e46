"""Where a client is, behind proxies that are trusted and proxies that are not."""

import pytest

from onesixty.http.call import Call
from onesixty.http.networks import Networks, Proxies


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"),  # what the client wrote itself has no effect
        ("192.0.2.7", "10.0.0.9", "192.0.2.7"),  # nobody trusts this peer
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "192.0.2.7:5000", "192.0.2.7"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "junk, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(
    peer: str, forwarded: str | None, client: str
) -> None:
    headers = [(b"host", b"sms.example")]
    if forwarded is not None:
        headers.append((b"x-forwarded-for", forwarded.encode()))
    call = Call("GET", "/v1/account", headers, peer)
    proxies = Proxies(["10.0.0.0/8"])
    for _ in range(2):
        proxies.locate(call)
        assert call.client == client


def test_networks_contain_networks() -> None:
    wide = Networks(["10.0.0.0/8", "2001:db8::/32"])
    assert wide.contain(Networks(["10.1.0.0/16", "2001:db8:1::/48"]))
    assert not wide.contain(Networks(["10.1.0.0/16", "192.0.2.0/24"]))
    assert not wide.contain(Networks(["0.0.0.0/0"]))
