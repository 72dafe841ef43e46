"""The listeners: TLS with a certificate that is renewed, and the PROXY protocol from proxies that are trusted."""

import asyncio
import os
import resource
import ssl
import struct
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from onesixty.doors.smpp import proxy
from onesixty.doors.smpp.tls import Certificate
from onesixty.ops.open_files import make_room
from onesixty.smpp import constants as c
from tests.doors.smpp.esme import Esme, Node, running

V1 = b"PROXY TCP4 203.0.113.7 192.0.2.1 5555 2775\r\n"


def v2(address: bytes, command: int = 1, tlvs: bytes = b"") -> bytes:
    family = 0x11 if len(address) == 4 else 0x21
    body = address + address + struct.pack("!HH", 5555, 2775) + tlvs
    return proxy.SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(body)) + body


V2 = v2(bytes((203, 0, 113, 7)))
V2_IPV6 = v2(bytes.fromhex("20010db8000000000000000000000007"), tlvs=b"\x03\x00\x01x")


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (V1, "203.0.113.7"),
        (b"PROXY TCP6 2001:db8::7 ::1 5555 2775\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN ffff:f...f whatever\r\n", None),
        (b"PROXY UNKNOWN\r\n", None),
        (V2, "203.0.113.7"),
        (V2_IPV6, "2001:db8::7"),
        (v2(bytes(4), command=0), None),
        (proxy.SIGNATURE + b"\x21\x00\x00\x00", None),
    ],
)
def test_headers_are_read_however_they_are_cut(header: bytes, address: str | None) -> None:
    for end in range(len(header)):
        assert proxy.parse(header[:end]) is None
    for rest in (b"", b"\x00\x00\x00\x10", b"\r\n"):
        assert proxy.parse(header + rest) == (len(header), address)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x00\x00\x2f\x00\x00\x00\x09",
        b"GET / HTTP/1.1\r\n",
        b"PROXY TCP4 not.an.address 192.0.2.1 1 2\r\n",
        b"PROXY TCP4 203.0.113.7\r\n",
        b"PROXY " + b"x" * 200,
        proxy.SIGNATURE + b"\x31\x11\x00\x0c" + bytes(12),
        proxy.SIGNATURE + b"\x2f\x11\x00\x0c" + bytes(12),
        proxy.SIGNATURE + b"\x21\x11\x00\x04" + bytes(4),
        proxy.SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_what_is_no_header_is_refused(data: bytes) -> None:
    with pytest.raises(proxy.NoHeader):
        proxy.parse(data)


@given(st.binary(max_size=300))
def test_no_octets_do_harm(data: bytes) -> None:
    try:
        found = proxy.parse(data)
    except proxy.NoHeader:
        return
    assert found is None or found[0] <= len(data)


@pytest.mark.parametrize("header", [V1, V2], ids=["v1", "v2"])
async def test_behind_a_trusted_proxy_the_customer_has_his_own_address(tmp_path: Path, header: bytes) -> None:
    async with running(tmp_path, smpp_proxies="127.0.0.0/8") as node:
        await node.credential("acme", allowed_networks=["203.0.113.0/24"])
        async with await Esme.connect(node.port, first=header) as esme:
            assert await esme.bind("acme", "password") == c.ESME_ROK
            assert next(iter(node.platform.features.binds.binds)).address == "203.0.113.7"
            assert (await esme.submit()).command_status == c.ESME_ROK
        async with await Esme.connect(node.port, first=V2_IPV6) as esme:
            assert await esme.bind("acme", "password") == c.ESME_RINVPASWD
        async with await Esme.connect(node.port) as esme:  # from there, nobody gets in without a header
            esme.writer.write(bytes(16))
            assert await esme.next() is None


async def test_nobody_else_is_believed_a_header(node: Node) -> None:
    await node.credential("acme")
    async with await Esme.connect(node.port, first=V1) as esme:
        nack = await esme.next()
        assert nack is not None
        assert nack.command_id == c.GENERIC_NACK
        assert await esme.next() is None


class Authority:
    """Issues certificates for the listener, and trusts them."""

    def __init__(self, directory: Path) -> None:
        self.cert = directory / "cert.pem"
        self.key = directory / "key.pem"
        self._ca = trustme.CA()
        self.renew()

    def renew(self) -> str:
        """Write another certificate; its serial number as the client sees it."""
        issued = self._ca.issue_cert("localhost")
        self.cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        self.key.write_bytes(issued.private_key_pem.bytes())
        later = self.cert.stat().st_mtime_ns + 1_000_000_000
        for path in (self.cert, self.key):
            os.utime(path, ns=(later, later))
        return issued.cert_chain_pems[0].bytes().decode()

    def client(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self._ca.configure_trust(context)
        return context

    def settings(self) -> dict[str, object]:
        return {"smpp_tls_listen": "127.0.0.1:0", "smpp_tls_cert": self.cert, "smpp_tls_key": self.key}


async def test_a_customer_binds_over_tls_and_the_certificate_is_renewed(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with running(tmp_path, **authority.settings()) as node:
        await node.credential("acme")
        port = node.door.ports[1]
        seen = []
        for _ in range(2):
            async with await Esme.connect(port, tls=authority.client()) as esme:
                assert await esme.bind("acme", "password") == c.ESME_ROK
                assert (await esme.submit()).command_status == c.ESME_ROK
                assert next(iter(node.platform.features.binds.binds)).tls
                seen.append(esme.writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
            authority.renew()
            certificate = node.door._certificate
            assert certificate is not None
            assert certificate.look()
            assert not certificate.look()
        assert seen[0] != seen[1]
        async with await Esme.connect(port) as esme:  # no handshake, no service
            esme.writer.write(b"\x00\x00\x00\x10" + bytes(12))
            assert await esme.next() is None


async def test_tls_begins_behind_the_header_of_a_proxy(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with running(tmp_path, smpp_proxies="127.0.0.1", **authority.settings()) as node:
        await node.credential("acme")
        async with await Esme.connect(node.door.ports[1], tls=authority.client(), first=V2) as esme:
            assert await esme.bind("acme", "password") == c.ESME_ROK
            bind = next(iter(node.platform.features.binds.binds))
            assert (bind.address, bind.tls) == ("203.0.113.7", True)


def test_a_renewal_that_cannot_be_used_leaves_the_old_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = Certificate(authority.cert, authority.key)
    authority.key.write_text("half a key")
    os.utime(authority.key, ns=(1, 1))
    assert not certificate.look()
    authority.renew()
    assert certificate.look()


async def test_peers_that_never_finish_a_handshake_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is silent costs nothing: so many handshakes under way from one address, and each for so long."""
    monkeypatch.setattr("onesixty.doors.smpp.network.MOST_PENDING_PER_ADDRESS", 2)
    authority = Authority(tmp_path)
    async with running(tmp_path, **authority.settings()) as node:
        await node.credential("acme")
        port = node.door.ports[1]
        async with await Esme.connect(port), await Esme.connect(port), await Esme.connect(port) as third:
            assert await third.next() is None
        for _ in range(100):  # until the two are seen to be gone
            try:
                async with await Esme.connect(port, tls=authority.client()) as esme:
                    assert await esme.bind("acme", "password") == c.ESME_ROK
                    return
            except OSError:
                await asyncio.sleep(0.05)
        raise AssertionError("nobody was served after the silent ones")


@pytest.mark.parametrize(
    ("soft", "hard", "asked", "room", "raised"),
    [
        (1024, 100_000, 5000, 5000, 5400),
        (1024, 4096, 5000, 3696, 4096),
        (1024, -1, 5000, 5000, 5400),
        (-1, -1, 5000, 5000, None),
        (100_000, 100_000, 5000, 5000, None),
        (100, 100, 5000, 1, 100),
    ],
)
def test_there_is_room_for_the_connections_that_are_allowed(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, asked: int, room: int, raised: int | None
) -> None:
    limits = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limit: limits.append(limit))
    assert make_room(asked) == room
    assert limits == ([] if raised is None else [(raised, hard)])
