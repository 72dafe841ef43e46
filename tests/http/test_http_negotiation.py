"""Accept-Encoding with its weights, and If-None-Match."""

import pytest

from onesixty.http.negotiation import matches, prefers_gzip, wanted


@pytest.mark.parametrize(
    ("field", "codings"),
    [
        (None, ["identity"]),
        (b"", ["identity"]),
        (b"gzip, deflate, br, zstd", ["br", "gzip", "identity"]),
        (b"gzip", ["gzip", "identity"]),
        (b"x-gzip", ["gzip", "identity"]),
        (b"GZIP;Q=0.5", ["gzip", "identity"]),
        (b"br;q=0.1, gzip;q=0.9", ["gzip", "br", "identity"]),
        (b"br;q=0, gzip", ["gzip", "identity"]),
        (b"*", ["br", "gzip", "identity"]),
        (b"*;q=0.5, gzip;q=1.0", ["gzip", "br", "identity"]),
        (b"gzip;q=0.5, identity", ["identity", "gzip"]),
        (b"identity;q=0, gzip;q=0.2", ["gzip", "identity"]),
        (b"*;q=0", ["identity"]),
        (b"identity;q=0", ["identity"]),
        (b"gzip;q=2, br;q=x", ["identity"]),
        (b"gzip;level=9", ["identity"]),
        (b"deflate, zstd", ["identity"]),
        (b", ,;q=1,gzip ; q=0.8", ["gzip", "identity"]),
        (b"\xff\xfe, gzip", ["gzip", "identity"]),
    ],
)
def test_the_codings_that_a_request_takes_the_best_first(field: bytes | None, codings: list[str]) -> None:
    assert list(wanted(field)) == codings


@pytest.mark.parametrize(
    ("field", "gzip"),
    [(None, False), (b"br", False), (b"br, gzip", True), (b"*", True), (b"gzip;q=0.5, identity", False)],
)
def test_gzip_alone(field: bytes | None, gzip: bool) -> None:
    assert prefers_gzip(field) == gzip


@pytest.mark.parametrize(
    ("field", "known"),
    [(None, False), (b"*", True), (b'"a", W/"b"', True), (b'W/"a"', False), (b'"bc"', False)],
)
def test_an_entity_tag_that_a_client_has(field: bytes | None, known: bool) -> None:
    assert matches(field, b'"b"') == known
