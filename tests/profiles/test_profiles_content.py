"""Which files are documents: by what they contain, from the first octet to the last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.profiles.content import JPEG as JPEG_TYPE
from onesixty.profiles.content import PDF as PDF_TYPE
from onesixty.profiles.content import PNG as PNG_TYPE
from onesixty.profiles.content import type_of
from tests.profiles.samples import JPEG, PDF, chunk, png

WHOLE = {PDF_TYPE: PDF, PNG_TYPE: png(b"hello"), JPEG_TYPE: JPEG}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_file_is_known(kind: str) -> None:
    assert type_of(WHOLE[kind]) == kind


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_that_is_cut_or_has_something_behind_it_is_none(kind: str) -> None:
    content = WHOLE[kind]
    whole = len(content.rstrip(b"\n")) if kind == PDF_TYPE else len(content)
    for end in range(whole):
        assert type_of(content[:end]) is None, end
    for behind in (b"<script>alert(1)</script>", b"PK\x03\x04", b"x", content):
        assert type_of(content + behind) in ((None, PDF_TYPE) if behind == content else (None,))
    for before in (b"<html>", b"\n", b"GIF89a", b"\x00"):
        assert type_of(before + content) is None


def test_other_files_are_none() -> None:
    for content in (
        b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>%PDF-1.4", b"MZ\x90\x00", b"GIF89a", b"PK\x03\x04",
        b"%PDF-1.4", b"%PDF-9.1\n startxref %%EOF", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xff\xd9", b"\xff\xd8\xff\xe0\x00\x00\xff\xd9", b"\xff\xd8\xff\xe0\xff\xff",
    ):  # fmt: skip
        assert type_of(content) is None, content


def test_a_png_has_its_chunks_in_order_and_sound() -> None:
    sound = png(b"hello")
    assert type_of(sound.replace(b"hello", b"jello")) is None  # its checksum is wrong
    head = b"\x89PNG\r\n\x1a\n"
    ihdr = chunk(b"IHDR", b"\x00" * 13)
    end = chunk(b"IEND", b"")
    assert type_of(head + end) is None
    assert type_of(head + ihdr + end) is None  # no picture
    assert type_of(head + ihdr + ihdr + chunk(b"IDAT", b"x") + end) is None
    assert type_of(head + chunk(b"IDAT", b"x") + ihdr + end) is None
    assert type_of(head + ihdr + b"\xff\xff\xff\xffIDAT") is None


@given(
    content=st.sampled_from(list(WHOLE.values())),
    at=st.integers(0, 400),
    put=st.binary(max_size=8),
    cut=st.integers(0, 8),
)
def test_no_file_is_two_kinds_and_none_breaks_the_check(
    content: bytes, at: int, put: bytes, cut: int
) -> None:
    changed = content[:at] + put + content[at + cut :]
    found = type_of(changed)
    begins = {PDF_TYPE: b"%PDF-", PNG_TYPE: b"\x89PNG", JPEG_TYPE: b"\xff\xd8"}
    assert found is None or changed.startswith(begins[found])


@given(st.binary(max_size=200))
def test_any_octets_are_looked_at_safely(content: bytes) -> None:
    assert type_of(content) is None
    type_of(b"\xff\xd8\xff\xda\x00\x02" + content)
    type_of(b"\x89PNG\r\n\x1a\n" + content)
