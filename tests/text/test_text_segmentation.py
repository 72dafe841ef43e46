"""Segments: they join to the text, none is too long, nothing is torn, on every kind of link."""

from itertools import accumulate

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from onesixty.text import (
    NotInAlphabet,
    TextError,
    concat_of,
    count,
    decode,
    one_segment,
    render,
    segment,
)
from onesixty.text.cuts import _JOINING
from onesixty.text.gsm0338 import DEFAULT_ALPHABET, EXTENSION_TABLE, fold

FAMILY = "👨‍👩‍👧‍👦"  # 11 units
FLAG = "🇫🇷"  # 4 units
ZALGO = "z" + "\u0301" * 90  # larger than a segment

GSM_PIECES = [*"aZ @é_Δ\n\r€[]{}\\~|^\f", "\r\n", "plain words "]
WIDE_PIECES = [
    *"яß’中\u0301",
    "🙂",
    FAMILY,
    FLAG,
    "👍🏽",
    "e\u0301",
    "한",
    "\u1112\u1161\u11ab",
    "नि",
    "क्ष",
    ZALGO,
]


def texts(pieces: list[str]) -> st.SearchStrategy[str]:
    """Texts of some ten segments at most, made of runs, so that edges meet every kind of piece."""
    run = st.tuples(st.sampled_from(pieces), st.integers(1, 80)).map(lambda one: one[0] * one[1])
    return st.lists(run, max_size=12).map(lambda runs: "".join(runs)[:700])


def sizes(kind: str, bits: int) -> tuple[int, int]:
    return {
        ("septets", 8): (160, 153),
        ("septets", 16): (160, 152),
        ("utf16", 8): (140, 134),
        ("utf16", 16): (140, 132),
        ("octets", 8): (140, 134),
        ("octets", 16): (140, 133),
    }[kind, bits]


@settings(max_examples=200)
@given(texts(GSM_PIECES) | texts(GSM_PIECES + WIDE_PIECES) | st.text(), st.sampled_from([8, 16]))
def test_segments_of_any_text(text, bits):
    """Surrogate pairs, joined emoji, flags and escape pairs are not torn."""
    rendering = render(text, reference=7, reference_bits=bits)
    parts = rendering.segments
    counted = count(text, reference_bits=bits)
    assert len(parts) == counted.segments
    assert "".join(part.text for part in parts) == text

    single, several = sizes("septets" if counted.encoding == "gsm7" else "utf16", bits)
    limit = single if len(parts) == 1 else several
    for number, part in enumerate(parts, 1):
        assert len(part.payload) <= limit
        assert decode(part.payload, rendering.data_coding) == part.text  # so no pair is torn
        assert len(part.udh) + len(part.payload) <= 160
        if len(parts) == 1:
            assert part.udh == b""
        else:
            assert concat_of(part.udh) == (7, len(parts), number, bits)
            assert part.payload

    assert_clusters_whole(text, [part.text for part in parts], limit, counted.encoding)


def assert_clusters_whole(text: str, parts: list[str], limit: int, encoding: str) -> None:
    clusters = regex.findall(r"\X", text)
    starts = [0, *accumulate(map(len, clusters))]
    size = dict(zip(starts, [octets(cluster, encoding) for cluster in clusters], strict=False))
    for edge in list(accumulate(map(len, parts)))[:-1]:
        if edge not in size:
            first = max(start for start in starts if start < edge)
            assert size[first] > limit, "a cluster that fits was torn"


def octets(cluster: str, encoding: str) -> int:
    return len(cluster) if encoding == "gsm7" else len(cluster.encode("utf-16-be"))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_without_joining_characters_each_is_a_cluster(text):
    if not _JOINING.search(text):
        assert len(regex.findall(r"\X", text)) == len(text)


@given(texts(GSM_PIECES) | texts(GSM_PIECES + WIDE_PIECES) | st.text())
def test_the_short_way_for_one_segment_gives_what_render_gives(text):
    try:
        segments = render(text, "gsm7").segments
    except TextError:
        segments = []
    assert one_segment(text) == (segments[0].payload if len(segments) == 1 else None)


@pytest.mark.parametrize("at", [66, 67, 68])
@pytest.mark.parametrize("cluster", ["🙂", FAMILY, FLAG, "e\u0301", "\r\n"])
def test_a_cluster_at_the_edge_of_67_units(at, cluster):
    """What straddles the 67th unit goes to the next segment whole."""
    text = "я" * (at - 1) + cluster + "я" * 40
    first, second = (part.text for part in segment(text))
    units = len(cluster.encode("utf-16-be")) // 2
    assert first.endswith(cluster) == (at - 1 + units <= 67)
    assert second.startswith(cluster) == (at - 1 < 67 < at - 1 + units or at - 1 == 67)


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301",  # Extend
        "क\u093e",  # SpacingMark
        "\u06003",  # Prepend
        "\u1100\uac00",  # L, LV
        "\uac00\u1161",  # LV, V
        "\uac00\u11a8",  # LV, T
        "❤\u200d",  # ZWJ
        "\r\n",
    ],
)
def test_each_kind_of_joining_is_noticed(cluster):
    """A text whose only cluster stands at the edge, one test for each rule of UAX #29."""
    assert regex.findall(r"\X", cluster) == [cluster]
    parts = segment("я" * 66 + cluster + "я" * 40)
    assert [part.text[:2] for part in parts] == ["яя", cluster]


def test_a_flag_is_paired_from_the_start_of_its_run():
    """Regional indicators pair from the left, whatever segment they stand in."""
    parts = [part.text for part in segment(FLAG * 40)]
    assert [part.count("🇫") - part.count("🇷") for part in parts] == [0] * len(parts)
    assert all(part.startswith("🇫") for part in parts)


def test_a_cluster_larger_than_a_segment_is_cut_between_code_points():
    parts = segment("я" * 10 + ZALGO)
    assert [len(part.text) for part in parts] == [67, 34]


@pytest.mark.parametrize(("bits", "edge"), [(8, 153), (16, 152)])
def test_an_escape_pair_at_the_edge(bits, edge):
    """An extension character is never cut at a segment's edge (152/153)."""
    whole = segment("a" * (edge - 2) + "€" + "b" * 20, reference_bits=bits)
    assert [len(part.payload) for part in whole] == [edge, 20]
    torn = segment("a" * (edge - 1) + "€" + "b" * 20, reference_bits=bits)
    assert [part.text for part in torn] == ["a" * (edge - 1), "€" + "b" * 20]
    assert torn[1].payload.startswith(b"\x1be")


def test_carriage_return_and_line_feed_stay_together():
    parts = segment("a" * 152 + "\r\n" + "b" * 20)
    assert [part.text for part in parts] == ["a" * 152, "\r\n" + "b" * 20]
    assert count("a" * 152 + "\r\n" + "b" * 152).segments == 3
    # A form feed's code is that of the line feed: nothing to keep together.
    assert [len(part.payload) for part in segment("a" * 152 + "\r\f" + "b" * 20)] == [153, 22]


def test_concatenation_headers():
    """One reference for all parts, 8 or 16 bit, 0 is legal, parts count from 1."""
    assert [part.udh for part in segment("a" * 300)] == [b"\5\0\3\0\2\1", b"\5\0\3\0\2\2"]
    assert [part.udh for part in segment("a" * 300, reference=255)] == [b"\5\0\3\xff\2\1", b"\5\0\3\xff\2\2"]
    wide = segment("a" * 300, reference=0xABCD, reference_bits=16)
    assert [part.udh for part in wide] == [b"\6\x08\4\xab\xcd\2\1", b"\6\x08\4\xab\xcd\2\2"]
    assert segment("a" * 300, reference=0, reference_bits=16)[0].udh == b"\6\x08\4\0\0\2\1"
    for reference, bits in [(256, 8), (65536, 16), (-1, 8)]:
        with pytest.raises(ValueError, match="reference"):
            segment("a" * 300, reference=reference, reference_bits=bits)


def test_data_coding_0_by_link():
    """data_coding 0 is GSM 03.38, Latin-1 or ASCII by link; `@` and pound come back whole."""
    text = "user@example.com owes £5"
    rendered = {alphabet: render(text, "auto", alphabet) for alphabet in ("gsm7", "latin1")}
    assert {rendering.data_coding for rendering in rendered.values()} == {0}
    assert rendered["gsm7"].segments[0].payload == b"user\x00example.com owes \x015"
    assert rendered["latin1"].segments[0].payload == b"user@example.com owes \xa35"
    for alphabet, rendering in rendered.items():
        assert decode(rendering.segments[0].payload, 0, alphabet) == text
    assert render("a@b {1}", "auto", "ascii").segments[0].payload == b"a@b {1}"


@pytest.mark.parametrize(
    ("text", "alphabet", "offending"),
    [
        ("ok Ω € é", "latin1", ((3, "Ω"), (5, "€"))),
        ("10 £", "ascii", ((3, "£"),)),
        ("ü€", "ascii", ((0, "ü"), (1, "€"))),
    ],
)
def test_a_link_that_cannot_carry_the_text_says_so(text, alphabet, offending):
    """A link's alphabet that lacks a character is an error, never a substitute."""
    assert count(text).encoding == "gsm7"
    with pytest.raises(NotInAlphabet) as refusal:
        render(text, "gsm7", alphabet)
    assert (refusal.value.alphabet, refusal.value.offending) == (alphabet, offending)
    assert isinstance(refusal.value, TextError)
    again = render(text, "ucs2", alphabet)  # the caller's way out
    assert again.data_coding == 8
    assert decode(again.segments[0].payload, 8) == text


LATIN = "".join(
    c for c in DEFAULT_ALPHABET + "".join(EXTENSION_TABLE.values()) if c < "\u0100" and c != "\x1b"
)


@given(
    st.lists(st.tuples(st.sampled_from(LATIN), st.integers(1, 60)), max_size=15),
    st.sampled_from([8, 16]),
    st.booleans(),
)
def test_segments_on_a_latin1_link(runs, bits, eight_bit):
    """Every character that Latin-1 and GSM share goes through a Latin-1 link unchanged."""
    text = "".join(character * times for character, times in runs)
    parts = render(text, "gsm7", "latin1", 1, bits, eight_bit=eight_bit).segments
    assert "".join(part.text for part in parts) == text
    single, several = sizes("octets" if eight_bit else "septets", bits)
    for part in parts:
        assert decode(part.payload, 0, "latin1") == part.text
        folded = fold(part.text)
        assert folded is not None
        cost = len(part.payload) if eight_bit else count(part.text).units
        assert cost <= (single if len(parts) == 1 else several)
    if not eight_bit:
        assert [part.text for part in parts] == [part.text for part in segment(text, reference_bits=bits)]


def test_eight_bit_links_hold_less():
    assert len(segment("a" * 140, alphabet="latin1", eight_bit=True)) == 1
    assert len(segment("a" * 141, alphabet="latin1", eight_bit=True)) == 2
    assert [len(p.payload) for p in segment("a" * 268, alphabet="latin1", eight_bit=True)] == [134, 134]
    wide = segment("a" * 266, reference_bits=16, alphabet="ascii", eight_bit=True)
    assert [len(part.payload) for part in wide] == [133, 133]
    assert len(segment("[" * 140, alphabet="latin1", eight_bit=True)) == 1


def test_forced_encodings():
    with pytest.raises(NotInAlphabet):
        segment("я", "gsm7")
    assert segment("@", "ucs2") == [(b"", b"\0@", "@")]
