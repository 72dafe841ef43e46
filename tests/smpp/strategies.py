"""Hypothesis strategies made from the tables, so that a new row is tested without a new line here."""

from hypothesis import strategies as st

from onesixty.smpp import constants as c
from onesixty.smpp import fields as f
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.layouts import LAYOUTS, Layout
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.tlv import OCTETS, TEXT, TLVS, Tlv, encode

latin1 = st.characters(min_codepoint=1, max_codepoint=255)
int1 = st.integers(0, 255)
address = st.text(latin1, max_size=20)
sequences = st.integers(0, 0xFFFFFFFF)
destinations = st.one_of(
    st.builds(f.DestAddress, int1, int1, address), st.builds(f.DistributionList, address)
)
unsuccessful = st.builds(f.UnsuccessSme, int1, int1, address, st.integers(0, 0xFFFFFFFF))


def field_values(field: f.Field) -> st.SearchStrategy[FieldValue]:
    if isinstance(field, f.Integer):
        return st.integers(0, (1 << 8 * field.width) - 1)
    if isinstance(field, f.CString):
        return st.text(latin1, max_size=field.size - 1)
    if isinstance(field, f.Octets):
        return st.binary(max_size=field.maximum)
    if isinstance(field, f.DestAddresses):
        return st.lists(destinations, max_size=8).map(tuple)
    assert isinstance(field, f.UnsuccessSmes)
    return st.lists(unsuccessful, max_size=8).map(tuple)


def known_tlv(tag: int) -> st.SearchStrategy[Tlv]:
    row = TLVS[tag]
    if row.kind == TEXT:
        return st.text(latin1, min_size=row.minimum - 1, max_size=row.maximum - 1).map(
            lambda value: (tag, encode(tag, value))
        )
    if row.kind == OCTETS:
        size = min(row.maximum, 300)
        return st.binary(min_size=row.minimum, max_size=size).map(lambda value: (tag, encode(tag, value)))
    return st.integers(0, (1 << 8 * row.maximum) - 1).map(lambda value: (tag, encode(tag, value)))


any_tlv = st.one_of(
    st.sampled_from(sorted(TLVS)).flatmap(known_tlv),
    st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)),
)
tlvs = st.lists(any_tlv, max_size=4).map(tuple)


def pdu_of(layout: Layout) -> st.SearchStrategy[Pdu]:
    body = st.fixed_dictionaries({field.name: field_values(field) for field in layout.fields})
    return st.builds(Pdu, st.just(layout.command_id), st.integers(0, 0xFFFFFFFF), sequences, body, tlvs)


pdus = st.sampled_from(sorted(LAYOUTS)).flatmap(lambda command_id: pdu_of(LAYOUTS[command_id]))
hot_pdus = st.sampled_from((c.SUBMIT_SM, c.DELIVER_SM, c.SUBMIT_SM_RESP, c.DELIVER_SM_RESP)).flatmap(
    lambda command_id: pdu_of(LAYOUTS[command_id])
)
