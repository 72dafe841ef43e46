"""What a URL may look like, and the addresses that deliveries may not go to."""

import pytest

from onesixty.core import addresses
from onesixty.core.errors import Problem
from onesixty.http import urls

DENIED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1",
    "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:0:53aa:64c::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:0808:0808::1",
    "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "junk",
    "",
]  # fmt: skip
ALLOWED = ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.0.1.1",
           "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1",
           "2001:4860:4860::8888"]  # fmt: skip


@pytest.mark.parametrize("address", DENIED)
def test_special_addresses_are_denied(address: str) -> None:
    assert addresses.denied(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_allowed(address: str) -> None:
    assert addresses.denied(address) is None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "0177.0.0.1", "017700000001",
     "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]",
     "localhost", "LOCALHOST", "localhost.", "api.localhost", "169.254.169.254", "0xa9fea9fe", "10.1"],
)  # fmt: skip
def test_addresses_in_any_spelling_are_refused_at_intake(host: str) -> None:
    with pytest.raises(Problem) as refused:
        urls.check_url(f"https://{host}/hook", False, param="status_callback")
    assert refused.value.code == "url_not_allowed"
    assert refused.value.param == "status_callback"
    urls.check_url(f"https://{host}/hook", True)


@pytest.mark.parametrize(
    "url",
    ["", "example.com/hook", "//example.com", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)",
     "http://", "https:///path", "https://user@example.com/", "https://user:pw@example.com/",
     "https://@example.com/", "https://example.com/#part", "https://example.com:0/", "https://example.com:65536/",
     "https://example.com:x/", "https://exa mple.com/", "https://example.com/a b", "https://example.com/\r\nX: y",
     "https://example.com/ä", "https://ex\u00e4mple.com/", "https://[::1/", "https://[junk]/", "https://[fe80::1%25eth0]/",
     "https://-a.com/", "https://a..b/", "https://.com/", "https://1.2.3.4.5/", "https://256.1.1.1/",
     "https://exam%70le.com/", "https://example.com/" + "x" * 2048],
)  # fmt: skip
def test_what_is_no_usable_url_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(Problem) as refused:
        urls.check_url(url, True)
    assert refused.value.code == "url_not_allowed"
    assert refused.value.detail.startswith("The URL ")


def test_the_parts_of_a_url() -> None:
    assert urls.parse("HTTPS://Example.com") == (
        True, "example.com", 443, "example.com", "/", "https://example.com",
    )  # fmt: skip
    assert urls.parse("http://example.com:8080/a/b?c=d&e") == (
        False, "example.com", 8080, "example.com:8080", "/a/b?c=d&e", "http://example.com:8080",
    )  # fmt: skip
    assert urls.parse("https://[2606:4700::1111]:8443/x").authority == "[2606:4700::1111]:8443"
    assert urls.parse("https://example.com:443/x").origin == "https://example.com"
    assert urls.parse("http://example.com:443/x").origin == "http://example.com:443"
    urls.check_url("https://hooks.example.com/services/T000/B000?x=%20", False)
    urls.check_url("https://xn--exmple-cua.com/", False)
    urls.check_url("https://my_host.example.com./", False)
