"""Messages with a header of their own: the cheapest way to write, segments, binary content, what is refused."""

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from onesixty.text import (
    LANGUAGES,
    NO_SHIFTS,
    InformationElement,
    LoneSurrogate,
    MalformedUDH,
    NoRoom,
    NoShiftTables,
    NotInAlphabet,
    Part,
    Shifts,
    TextError,
    TooManySegments,
    UnknownLanguage,
    choose,
    compose_udh,
    concat_of,
    concat_udh,
    count,
    count_binary,
    decode,
    decode_parts,
    parse_udh,
    render,
    render_binary,
    render_headed,
    shifts_of,
    split_udh,
)
from onesixty.text.shifts import writing
from onesixty.text.udh import CONCATENATION

TURKISH = "Sayın müşterimiz, şifreniz değiştirildi. "  # ş ı ğ are not in the default alphabet
HINDI = "आपका सत्यापन कोड है "
PORTS_16 = compose_udh([InformationElement(0x05, b"\x0b\x84\x23\xf0")])
PORTS_8 = compose_udh([InformationElement(0x04, b"\xf0\xf1")])

PIECES = [*"aZ @é€[]я🙂", "\r\n", "ş", "ğ", "की", "नि", "é́", "👨‍👩‍👧"]


def texts(pieces: list[str] = PIECES) -> st.SearchStrategy[str]:
    run = st.tuples(st.sampled_from(pieces), st.integers(1, 90)).map(lambda one: one[0] * one[1])
    return st.lists(run, max_size=10).map(lambda runs: "".join(runs)[:900])


# ------------------------------------------------------------ the cheapest way


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("plain", "tr", ("gsm7", 5, 5, 1, (0, 0))),  # the default alphabet when it does as well
        (
            "ş" * 70,
            "tr",
            ("ucs2", 70, 70, 1, (0, 0)),
        ),  # no dearer than with a table, and every handset reads it
        ("ş" * 71, "tr", ("gsm7", 71, 142, 1, (1, 0))),  # 155 septets beside the header of one table
        ("ş" * 77, "tr", ("gsm7", 77, 154, 1, (1, 0))),
        ("ş" * 78, "tr", ("gsm7", 78, 78, 1, (0, 1))),
        ("ş" * 155, "tr", ("gsm7", 155, 155, 1, (0, 1))),
        ("ş" * 156, "tr", ("gsm7", 156, 156, 2, (0, 1))),
        ("ş" * 298, "tr", ("gsm7", 298, 298, 2, (0, 1))),  # 149 beside concatenation
        ("ş" * 299, "tr", ("gsm7", 299, 299, 3, (0, 1))),
        ("á" * 71, "es", ("gsm7", 71, 142, 1, (2, 0))),
        ("á" * 78, "es", ("ucs2", 78, 78, 2, (0, 0))),  # Spanish has no locking table
        ("á" * 78, "pt", ("gsm7", 78, 78, 1, (0, 3))),
        ("€" * 80, "tr", ("gsm7", 80, 160, 1, (0, 0))),
        ("€" * 81, "tr", ("gsm7", 81, 81, 1, (0, 1))),  # cheaper than the default alphabet, too
        ("क" * 120 + "A" * 16, "hi", ("gsm7", 136, 152, 1, (6, 6))),  # capitals are in the single shift table
        ("क" * 120 + "A" * 17, "hi", ("gsm7", 137, 154, 2, (6, 6))),
        ("я" * 71, "tr", ("ucs2", 71, 71, 2, (0, 0))),
        ("я" * 71, "auto", ("ucs2", 71, 71, 2, (0, 0))),
        ("ş" * 100, "auto", ("gsm7", 100, 100, 1, (0, 1))),
        ("क" * 155, "auto", ("gsm7", 155, 155, 1, (0, 6))),
        ("ç" * 72, "auto", ("gsm7", 72, 144, 1, (1, 0))),  # Turkish, Spanish, Portuguese: the lowest
        ("", "auto", ("gsm7", 0, 0, 1, (0, 0))),
    ],
)
def test_the_cheapest_way(text, language, expected):
    """The header of a table counts; a table is taken where it saves a segment."""
    assert choose(text, language=language) == expected


def without_concat(udh):
    """A header without what it says about concatenation."""
    return compose_udh(element for element in parse_udh(udh) if element.identifier not in CONCATENATION)


def test_gsm7_leaves_ucs2_out():
    assert choose("ş", "gsm7", "tr") == ("gsm7", 1, 2, 1, (1, 0))
    assert choose("ş", "ucs2", "tr") == ("ucs2", 1, 1, 1, (0, 0))
    assert choose("ş", "auto", "tr").encoding == "ucs2"
    with pytest.raises(NotInAlphabet) as refusal:
        choose("aşя", "gsm7", "tr")
    assert refusal.value.offending == ((2, "я"),)  # as the closest table sees it
    with pytest.raises(NotInAlphabet) as refusal:
        choose("aşя", "gsm7")
    assert refusal.value.offending == ((1, "ş"), (2, "я"))


@given(texts(), st.sampled_from(["auto", "gsm7", "ucs2"]), st.sampled_from([8, 16]))
def test_without_a_language_it_is_the_plain_path(text, encoding, bits):
    try:
        expected = (*count(text, encoding, bits), NO_SHIFTS)
    except TextError as error:
        with pytest.raises(type(error)):
            choose(text, encoding, reference_bits=bits)
        return
    assert choose(text, encoding, reference_bits=bits) == expected


@settings(max_examples=60)
@given(texts(), st.sampled_from([None, "auto", *LANGUAGES]), st.sampled_from(["auto", "gsm7"]))
def test_never_dearer_than_any_way_alone(text, language, encoding):
    """The choice is the cheapest of the default alphabet, UCS-2, single, locking and both, each tried here."""
    found: list[int] = []
    pairs = {NO_SHIFTS}
    for one in LANGUAGES.values() if language == "auto" else [LANGUAGES[language]] if language else []:
        pairs |= {Shifts(one, 0), Shifts(0, one), Shifts(one, one)}
    for shifts in pairs - {Shifts(0, 2), Shifts(2, 2)}:
        if set(text) <= writing(shifts).keys():
            found.append(len(render_headed(text, "gsm7", shifts=shifts).segments))
    if encoding == "auto":
        found.append(len(render(text, "ucs2").segments))
    if not found:
        with pytest.raises(NotInAlphabet):
            choose(text, encoding, language)
        return
    choice = choose(text, encoding, language)
    assert choice.segments == min(found)
    rendering = render_headed(text, choice.encoding, shifts=choice.shifts)
    assert len(rendering.segments) == choice.segments


@pytest.mark.parametrize("language", ["xx", "", "TR", "de"])
def test_a_language_without_a_table(language):
    with pytest.raises(UnknownLanguage):
        choose("ş", language=language)
    with pytest.raises(UnknownLanguage):
        render_headed("a", "gsm7", shifts=Shifts(14, 0))


def test_what_cannot_be_written_at_all():
    with pytest.raises(TooManySegments):
        choose("ş" * 100_000, language="auto")
    with pytest.raises(TooManySegments):
        choose("я" * (255 * 67 + 1), language="tr")
    with pytest.raises(LoneSurrogate):
        choose("\ud83d", language="tr")


# ------------------------------------------------------------ segments


@settings(max_examples=200)
@given(
    texts(),
    st.sampled_from(["tr", "pt", "hi", "auto"]),
    st.sampled_from([8, 16]),
    st.sampled_from(["gsm7", "gsm7_packed"]),
    st.sampled_from([b"", PORTS_16, PORTS_8]),
)
def test_segments_with_tables_and_headers(text, language, bits, alphabet, udh):
    """Segments join to the text, none is too long, nothing torn, tables named."""
    choice = choose(text, "auto", language, udh, bits)
    rendering = render_headed(text, choice.encoding, alphabet, 5, bits, udh=udh, shifts=choice.shifts)
    parts = rendering.segments
    assert len(parts) == choice.segments
    assert "".join(part.text for part in parts) == text
    for number, part in enumerate(parts, 1):
        octets = len(part.payload)
        if rendering.data_coding == 0 and alphabet == "gsm7":
            octets = (
                -(-7 * octets // 8) if not part.udh else -(-7 * (octets + -(-8 * len(part.udh) // 7)) // 8)
            )
            octets -= len(part.udh)
        assert len(part.udh) + octets <= 140
        assert decode(part.payload, rendering.data_coding, alphabet, udh=part.udh) == part.text or (
            alphabet == "gsm7_packed" and part.text.endswith("\r")
        )
        if part.udh:
            assert shifts_of(part.udh) == choice.shifts
            if udh:
                assert parse_udh(udh)[0] in parse_udh(part.udh)
        if len(parts) > 1:
            assert concat_of(part.udh) == (5, len(parts), number, bits)
    # An edge between two segments is an edge between two clusters, for none of these is larger than a segment.
    starts = {found.start() for found in regex.finditer(r"\X", text)} | {len(text)}
    edge = 0
    for part in parts:
        edge += len(part.text)
        assert edge in starts


@given(texts([*"aZ @é€[]я🙂", "\r\n", "👨‍👩‍👧"]), st.sampled_from([8, 16]))
def test_without_a_header_the_cuts_are_those_of_the_plain_path(text, bits):
    assert render_headed(text, "auto", reference=3, reference_bits=bits) == render(
        text, "auto", "gsm7", 3, bits
    )


LATIN = st.text(alphabet="aZ @é£[]{}ñÜ\n", max_size=600)


@given(LATIN, st.booleans(), st.sampled_from([8, 16]))
def test_links_with_another_alphabet(text, eight_bit, bits):
    headed = render_headed(text, "gsm7", "latin1", 3, bits, eight_bit=eight_bit)
    assert headed == render(text, "gsm7", "latin1", 3, bits, eight_bit=eight_bit)
    ported = render_headed(text, "gsm7", "latin1", 3, bits, udh=PORTS_16, eight_bit=eight_bit)
    assert "".join(part.payload.decode("latin-1") for part in ported.segments) == text
    assert all(len(part.udh) + len(part.payload) <= (140 if eight_bit else 160) for part in ported.segments)


def test_a_table_needs_a_link_in_gsm():
    with pytest.raises(NoShiftTables):
        render_headed("ş", "gsm7", "latin1", shifts=Shifts(single=1))
    with pytest.raises(NotInAlphabet):
        render_headed("Ω", "gsm7", "latin1", udh=PORTS_8)
    assert render_headed("ş", "ucs2", "latin1", shifts=Shifts(single=1)).data_coding == 8


def test_a_table_on_the_wire():
    """The element stands in the header, and only there the table is read."""
    (part,) = render_headed("şık", "gsm7", shifts=Shifts(single=1)).segments
    assert part == (b"\3\x24\1\1", b"\x1bs\x1bik", "şık")
    assert decode(part.payload, 0) == "sik"
    assert decode(part.payload, 0, udh=part.udh) == "şık"
    (part,) = render_headed("şık", "gsm7", shifts=Shifts(locking=1)).segments
    assert part == (b"\3\x25\1\1", b"\x1d\x07k", "şık")
    (part,) = render_headed("şık", "gsm7", udh=b"\3\x25\1\1").segments
    assert part == (b"\3\x25\1\1", b"\x1d\x07k", "şık")
    parts = render_headed("ş" * 200, "gsm7", shifts=Shifts(locking=1), reference=9).segments
    assert [part.udh for part in parts] == [b"\x08\0\3\x09\2\1\x25\1\1", b"\x08\0\3\x09\2\2\x25\1\1"]
    assert [len(part.payload) for part in parts] == [149, 51]
    both = render_headed("ş" * 160, "gsm7", shifts=Shifts(1, 1)).segments
    assert [len(part.payload) for part in both] == [146, 14]


def test_a_header_that_names_a_table_is_enough():
    assert choose("ş" * 155, udh=b"\3\x25\1\1") == ("gsm7", 155, 155, 1, (0, 1))
    assert choose("я", udh=b"\3\x25\1\1").encoding == "ucs2"
    assert choose("ş" * 71, language="pt", udh=b"\3\x24\1\1").shifts == (1, 0)


# ------------------------------------------------------------ the caller's header


def test_ports_take_room():
    assert choose("a" * 152, udh=PORTS_16).segments == 1
    assert choose("a" * 153, udh=PORTS_16).segments == 2
    parts = render_headed("a" * 153, "gsm7", udh=PORTS_16, reference=1).segments
    assert [part.udh.hex() for part in parts] == ["0b000301020105040b8423f0", "0b000301020205040b8423f0"]
    assert choose("я" * 66, udh=PORTS_16).segments == 1
    assert choose("я" * 67, udh=PORTS_16).segments == 2


def test_a_part_that_the_caller_cut_goes_as_it_is_or_not_at_all():
    """Parts that a customer cut himself keep their reference and are never cut again."""
    udh = concat_udh(0, 3, 2)
    (part,) = render_headed("a" * 153, "gsm7", udh=udh).segments
    assert part.udh == udh
    with pytest.raises(NoRoom):
        choose("a" * 154, udh=udh)
    with pytest.raises(NoRoom):
        render_headed("я" * 68, "ucs2", udh=udh)
    with pytest.raises(NoRoom):
        count_binary(b"a" * 135, udh)
    assert count_binary(b"a" * 134, udh).segments == 1
    assert without_concat(udh) == b""
    assert without_concat(b"\x0b\5\4\x0b\x84\x23\xf0\0\3\1\2\1") == PORTS_16


@pytest.mark.parametrize("size", [133, 134, 135, 136, 137, 138])
def test_a_header_that_leaves_no_room(size):
    udh = compose_udh([InformationElement(0x70, bytes(size - 3))])
    assert len(udh) == size
    room = 140 - size
    assert count_binary(b"a" * room, udh).segments == 1
    if size + 5 >= 140:
        with pytest.raises(NoRoom):
            count_binary(b"a" * (room + 1), udh)
        with pytest.raises(NoRoom):
            choose("я" * 70, udh=udh)
    else:
        assert count_binary(b"a" * (room + 1), udh).segments == -(-(room + 1) // (room - 5))


def test_a_character_that_no_segment_holds():
    udh = compose_udh([InformationElement(0x70, bytes(129))])  # a unit in each of several
    assert choose("яяяя" * 2, udh=udh).segments == 8
    with pytest.raises(NoRoom):
        choose("🙂" * 8, udh=udh)


def test_headers_that_are_none():
    with pytest.raises(MalformedUDH):
        choose("a", udh=b"\5\0\3\1")
    with pytest.raises(MalformedUDH):
        render_binary(b"a", b"\1")
    with pytest.raises(NoRoom):
        compose_udh([InformationElement(0x70, bytes(138))])
    with pytest.raises(NoRoom):
        choose("a", udh=b"\xc8\x70\xc6" + bytes(198))
    assert render_headed("a", "gsm7", udh=b"\0").segments[0].udh == b""


# ------------------------------------------------------------ binary


def test_binary_content():
    assert count_binary(b"") == ("binary", 0, 0, 1)
    assert count_binary(b"\0" * 140) == ("binary", 140, 140, 1)
    assert count_binary(b"\0" * 141) == ("binary", 141, 141, 2)
    assert count_binary(b"\0" * 133, PORTS_16).segments == 1
    assert count_binary(b"\0" * 134, PORTS_16).segments == 2
    assert render_binary(b"\1\2", PORTS_16) == (4, [(PORTS_16, b"\1\2", "")])
    assert count_binary(b"\0" * (255 * 134)).segments == 255
    with pytest.raises(TooManySegments):
        count_binary(b"\0" * (255 * 134 + 1))


@given(st.binary(max_size=900), st.sampled_from([b"", PORTS_16, PORTS_8]), st.sampled_from([8, 16]))
def test_binary_segments(octets, udh, bits):
    data_coding, parts = render_binary(octets, udh, 200, bits)
    assert data_coding == 4
    assert b"".join(part.payload for part in parts) == octets
    assert len(parts) == count_binary(octets, udh, bits).segments
    for number, part in enumerate(parts, 1):
        assert len(part.udh) + len(part.payload) <= 140
        if len(parts) > 1:
            assert concat_of(part.udh) == (200, len(parts), number, bits)
            assert without_concat(part.udh) == udh
        if part.udh:
            assert split_udh(part.udh + part.payload) == (part.udh, part.payload)


def test_parts_read_back_as_one_text():
    text = TURKISH * 10
    choice = choose(text, "gsm7", "tr")
    parts = render_headed(text, "gsm7", shifts=choice.shifts).segments
    assert len(parts) == choice.segments == 3
    assert decode_parts([Part(part.payload, 0, part.udh) for part in parts]) == text
    hindi = HINDI * 12
    assert choose(hindi, "auto", "hi").shifts == (0, 6)
    assert choose(hindi, "auto", "hi").segments == 2 < count(hindi).segments
