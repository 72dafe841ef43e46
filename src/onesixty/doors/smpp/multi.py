"""submit_multi (SMPP 3.4, 4.5): one text to many recipients, under one id.

Rules kept here:
- the id is that of the batch of its messages; receipts differ by their address;
- a PDU without a recipient is refused (5.2.24 has 1 to 254, 5.0 to 255);
- a refused recipient is in unsuccess_sme with its own status, and the others are sent;
- distribution lists are the customer's to keep: a dl_name gets ESME_RINVDLNAME.
"""

from __future__ import annotations

from typing import Any

import msgspec

from onesixty.channels.sms.orders import SendOrder
from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.customers import addresses
from onesixty.customers.binds import Bind
from onesixty.customers.message_ids import SHORT, smpp_id
from onesixty.customers.origin import to_memo
from onesixty.customers.short_ids import ShortIds
from onesixty.doors.smpp.answers import Answers
from onesixty.doors.smpp.refusals import Refused, too_fast
from onesixty.doors.smpp.trace import SmppRefusals
from onesixty.doors.smpp.translate import submission
from onesixty.messages.intake import Intake
from onesixty.smpp import constants as c
from onesixty.smpp.fields import DestAddress, UnsuccessSme
from onesixty.smpp.pdu import Pdu


class Multi:
    """Answers submit_multi."""

    def __init__(
        self,
        intake: Intake,
        answers: Answers,
        clock: Clock,
        id_source: IdSource,
        short_ids: ShortIds,
        refusals: SmppRefusals,
    ) -> None:
        self._short_ids = short_ids
        self._intake = intake
        self._answers = answers
        self._clock = clock
        self._ids = id_source
        self._refusals = refusals

    async def submit(self, bind: Bind, pdu: Pdu) -> None:
        """Submit to each recipient, or refuse the whole PDU, for example for its rate or its common fields."""
        try:
            await self._submit(bind, pdu)
        except (Refused, Problem) as why:
            self._answers.answer(bind, pdu, self._refusals.submission(bind, pdu, why))

    async def _submit(self, bind: Bind, pdu: Pdu) -> None:
        profile = bind.credential.profile
        now = self._clock.monotonic()
        if bind.bucket.wait(now) > 0:
            raise too_fast(bind.credential.profile.rate)
        if not pdu.items("dest_address"):
            raise Refused(c.ESME_RINVNUMDESTS)
        short_id = bind.id_form == SHORT
        made = submission(pdu, bind.credential, self._clock.now_ms(), short_id=short_id)
        made.order.grant = bind.grant
        batch_id = self._ids.new(ids.BATCH)
        if short_id and not await self._short_ids.keep(bind.credential.id, batch_id):
            raise Refused(c.ESME_RMSGQFUL)
        refused: list[UnsuccessSme] = []
        orders: list[SendOrder] = []
        names: list[DestAddress] = []
        for item in pdu.items("dest_address"):
            if not isinstance(item, DestAddress):
                refused.append(UnsuccessSme(0, 0, "", c.ESME_RINVDLNAME))
                continue
            try:
                recipient = addresses.recipient(item.ton, item.address, profile.default_country)
            except Problem as problem:
                status = self._refusals.recipient(bind, pdu, problem, item.ton, item.address)
                refused.append(UnsuccessSme(item.ton, item.npi, item.address, status))
                continue
            origin = msgspec.structs.replace(
                made.origin, destination=(item.ton, item.npi, item.address), submission=batch_id
            )
            orders.append(
                msgspec.structs.replace(
                    made.order, recipient=recipient, batch_id=batch_id, origin=to_memo(origin)
                )
            )
            names.append(item)
        segments = 0
        for item, result in zip(names, await self._intake.accept(orders) if orders else (), strict=True):
            if isinstance(result, Message):
                segments += result.segments
            elif isinstance(result, Problem):
                status = self._refusals.recipient(bind, pdu, result, item.ton, item.address)
                refused.append(UnsuccessSme(item.ton, item.npi, item.address, status))
        bind.bucket.take(now, max(1, segments))
        bind.submissions += 1
        fields: dict[str, Any] = {
            "message_id": smpp_id(batch_id, bind.id_form),
            "unsuccess_sme": tuple(refused),
        }
        self._answers.reply(bind, pdu, c.ESME_ROK, fields)
