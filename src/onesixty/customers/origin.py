"""The memo that the SMPP door stores with its messages (`core.memo`): receipts, query_sm and replace_sm need it."""

from __future__ import annotations

import msgspec

from onesixty.core.memo import Memos


class SmppOrigin(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, tag="smpp", tag_field="door"):
    """The origin of a message of an SMPP customer: its credential, the receipts asked for,
    and the addresses as written.

    `parts` are the smpp_message_ids of the parts that the customer cut, in order; empty for a message in one piece,
    whose smpp_message_id follows from the message's own id. `silent` are the parts without a receipt, if the customer
    asked for receipts of others. `registered_delivery` is as sent (SMPP 3.4, 5.2.17), and so is `data_coding`, which
    is needed to read the octets of a replace_sm. `short_id`: the customer knows the message by an id of eight
    characters. `submission` is the id that submit_multi answered, common to its messages.
    """

    credential_id: str
    registered_delivery: int = 0
    source: tuple[int, int, str] | None = None
    destination: tuple[int, int, str] | None = None
    service_type: str = ""
    user_message_reference: int | None = None
    source_port: int | None = None
    destination_port: int | None = None
    parts: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    submission: str | None = None
    data_coding: int = 0
    short_id: bool = False


_MEMOS = Memos(SmppOrigin)

#: Reads the origin of an SMPP customer's message from the column `origin`; None for every other message.
origin_of = _MEMOS.read
#: Writes the text of the column `origin`.
to_memo = _MEMOS.write
