"""query_sm, cancel_sm, replace_sm and the broadcast commands (SMPP 3.4, 4.8 to 4.10; 5.0, 4.4 to 4.6).

Rules kept here:
- a customer reaches the messages of the credential's account and mode, by any form of their ids; a source address, if
  given, has to be the message's;
- a request that is too late gets ESME_RCANCELFAIL or ESME_RREPLACEFAIL; query_sm returns the state at any time;
- for several messages under one id (submit_multi), query_sm reports the one that is least advanced,
  and cancel_sm cancels all;
- a part whose message is not complete yet is ENROUTE, and is canceled with all parts of its message.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Final

import structlog

from onesixty.core import ids, statuses
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem, StoreError
from onesixty.core.message import Message
from onesixty.customers import addresses
from onesixty.customers.binds import Bind
from onesixty.customers.effect import state_of
from onesixty.customers.message_ids import type_ids_of
from onesixty.customers.origin import origin_of
from onesixty.customers.parts import Parts, PartState
from onesixty.customers.short_ids import ShortIds
from onesixty.doors.smpp.answers import Answers
from onesixty.doors.smpp.multi import Multi
from onesixty.doors.smpp.refusals import Refused, status_of
from onesixty.doors.smpp.replacing import edit_of
from onesixty.messages.control import Control
from onesixty.messages.edits import Edits
from onesixty.messages.queries import Filters, Queries
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.times import format_absolute

#: The most messages that one cancel_sm by addresses cancels.
MOST_CANCELED: Final = 1000
_PAGE: Final = 200


class Operations:
    """Answers requests one by one, each in its own task; a window limits their number."""

    def __init__(
        self,
        messages: Queries,
        parts: Parts,
        short_ids: ShortIds,
        control: Control,
        edits: Edits,
        multi: Multi,
        answers: Answers,
        clock: Clock,
    ) -> None:
        self._short_ids = short_ids
        self._clock = clock
        self._messages = messages
        self._parts = parts
        self._control = control
        self._edits = edits
        self._answers = answers
        self._log = structlog.get_logger("onesixty.smpp")
        self._tasks: set[asyncio.Task[None]] = set()
        self._by_command: dict[int, Callable[[Bind, Pdu], Awaitable[None]]] = {
            c.QUERY_SM: self._query,
            c.CANCEL_SM: self._cancel,
            c.REPLACE_SM: self._replace,
            c.SUBMIT_MULTI: multi.submit,
            c.BROADCAST_SM: self._refuse(c.ESME_RPROHIBITED),
            c.QUERY_BROADCAST_SM: self._refuse(c.ESME_RBCASTQUERYFAIL),
            c.CANCEL_BROADCAST_SM: self._refuse(c.ESME_RBCASTCANCELFAIL),
        }
        #: The status of failures that have no status of their own, by command.
        self._failed: dict[int, int] = {
            c.QUERY_SM: c.ESME_RQUERYFAIL,
            c.CANCEL_SM: c.ESME_RCANCELFAIL,
            c.REPLACE_SM: c.ESME_RREPLACEFAIL,
        }

    @property
    def idle(self) -> bool:
        """Whether no request waits for its answer."""
        return not self._tasks

    def handles(self, command_id: int) -> bool:
        """Whether a command is answered here."""
        return command_id in self._by_command

    def start(self, bind: Bind, pdu: Pdu) -> None:
        """Start to handle a request."""
        task = asyncio.get_running_loop().create_task(self._run(bind, pdu))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, bind: Bind, pdu: Pdu) -> None:
        try:
            await self._by_command[pdu.command_id](bind, pdu)
        except Refused as refused:
            self._answers.answer(bind, pdu, refused.command_status)
        except Problem as problem:
            status = status_of(problem, bind.credential.profile)
            if problem.code == "too_late" or status == c.ESME_RSUBMITFAIL:
                status = self._failed.get(pdu.command_id, status)
            self._answers.answer(bind, pdu, status)
        except StoreError:
            self._answers.answer(bind, pdu, c.ESME_RSYSERR)
        except Exception:
            self._log.exception("smpp_request_failed", command=pdu.name)
            self._answers.answer(bind, pdu, c.ESME_RSYSERR)

    # ------------------------------------------------------------ query_sm

    async def _query(self, bind: Bind, pdu: Pdu) -> None:
        asked = pdu.text("message_id")
        if await self._waiting_part(bind, asked) is not None:
            waiting = {"message_id": asked, "message_state": c.STATE_ENROUTE}
            self._answers.reply(bind, pdu, c.ESME_ROK, waiting)
            return
        found = await self._by_id(bind, asked)
        self._same_source(bind, pdu, found, c.ESME_RQUERYFAIL)
        message = min(found, key=lambda one: (one.status in statuses.TERMINAL, one.id))
        ended = message.status in statuses.TERMINAL and message.done_at is not None
        self._answers.reply(
            bind,
            pdu,
            c.ESME_ROK,
            {
                "message_id": asked,
                "final_date": format_absolute(datetime.fromtimestamp((message.done_at or 0) / 1000, UTC))
                if ended
                else "",
                "message_state": _state(message, bind.interface_version),
                "error_code": 0,
            },
        )

    # ------------------------------------------------------------ cancel_sm

    async def _cancel(self, bind: Bind, pdu: Pdu) -> None:
        asked = pdu.text("message_id")
        if asked:
            part_id = await self._waiting_part(bind, asked)
            if part_id is not None and await self._parts.cancel(part_id, bind.credential.id):
                self._answers.answer(bind, pdu, c.ESME_ROK)
                return
            found = await self._by_id(bind, asked)
            self._same_source(bind, pdu, found, c.ESME_RCANCELFAIL)
        else:
            found = await self._by_addresses(bind, pdu)
        canceled = 0
        for message in found:
            try:
                await self._control.cancel(message.tenant, message.id)
                canceled += 1
            except Problem as problem:
                if problem.code not in ("too_late", "not_found"):
                    raise
        if not canceled:
            raise Refused(c.ESME_RCANCELFAIL)
        self._answers.answer(bind, pdu, c.ESME_ROK)

    async def _by_addresses(self, bind: Bind, pdu: Pdu) -> list[Message]:
        """The waiting messages between these addresses; with a service_type only those that have it (4.9.1)."""
        country = bind.credential.profile.default_country
        source = pdu.text("source_addr") or bind.credential.profile.default_sender
        found = await self._waiting(
            bind,
            addresses.sender(pdu.number("source_addr_ton"), source, country),
            addresses.recipient(pdu.number("dest_addr_ton"), pdu.text("destination_addr"), country),
            pdu.text("service_type") or None,
        )
        if not found:
            raise Refused(c.ESME_RCANCELFAIL)
        return found

    async def replace_older(self, bind: Bind, message: Message, service_type: str) -> None:
        """replace_if_present (5.2.18): cancel older waiting messages of the same sender,
        recipient and service type."""
        for older in await self._waiting(bind, message.sender, message.recipient, service_type):
            if older.id < message.id:
                with contextlib.suppress(Problem):  # already on its way: both arrive
                    await self._control.cancel(older.tenant, older.id)

    async def _waiting(
        self, bind: Bind, sender: str, recipient: str, service_type: str | None
    ) -> list[Message]:
        """The customer's messages that no carrier has yet, newest first."""
        credential = bind.credential
        found: list[Message] = []
        for status in sorted(statuses.WAITING):
            filters = Filters(statuses=(status,), to=recipient, sender=sender, direction="outbound")
            after: str | None = None
            while len(found) < MOST_CANCELED:
                page, after = await self._messages.find(credential.tenant, filters, _PAGE, after)
                found += [one for one in page if _matches(one, credential.id, service_type)]
                if after is None:
                    break
        return found

    # ------------------------------------------------------------ replace_sm

    async def _replace(self, bind: Bind, pdu: Pdu) -> None:
        found = await self._by_id(bind, pdu.text("message_id"))
        self._same_source(bind, pdu, found, c.ESME_RREPLACEFAIL)
        if len(found) > 1:
            raise Refused(c.ESME_RREPLACEFAIL)
        edit = edit_of(pdu, found[0], bind.credential, self._clock.now_ms())
        edit.grant = bind.grant
        await self._edits.change(found[0].tenant, found[0].id, edit)
        self._answers.answer(bind, pdu, c.ESME_ROK)

    # ------------------------------------------------------------ by id

    async def _by_id(self, bind: Bind, asked: str) -> list[Message]:
        """The messages with this id. Raises Refused ESME_RINVMSGID."""
        credential = bind.credential
        form = credential.profile.message_id_form
        asked = await self._short_ids.find(credential.id, asked) or asked
        for candidate in type_ids_of(asked, form):
            message = await self._messages.get(credential.tenant, candidate)
            if message is not None:
                return [message]
        part = await self._part(bind, asked)
        if part is not None and part[1].message_id is not None:
            message = await self._messages.get(credential.tenant, part[1].message_id)
            if message is not None:
                return [message]
        for candidate in type_ids_of(asked, form, ids.BATCH):
            found, _ = await self._messages.find(credential.tenant, Filters(batch_id=candidate), 255, None)
            if found:
                return found
        raise Refused(c.ESME_RINVMSGID)

    async def _part(self, bind: Bind, asked: str) -> tuple[str, PartState] | None:
        asked = await self._short_ids.find(bind.credential.id, asked) or asked
        for candidate in type_ids_of(asked, bind.credential.profile.message_id_form, ids.PART):
            state = await self._parts.state(candidate)
            if state is not None and state.account_id == bind.credential.account_id:
                return candidate, state
        return None

    async def _waiting_part(self, bind: Bind, asked: str) -> str | None:
        """The id of a part that waits for the other parts of its message."""
        part = await self._part(bind, asked)
        return part[0] if part is not None and part[1].message_id is None else None

    def _same_source(self, bind: Bind, pdu: Pdu, found: Iterable[Message], status: int) -> None:
        """Raise Refused unless the source address, if given, is that of the messages."""
        if not pdu.text("source_addr"):
            return
        sender = addresses.sender(
            pdu.number("source_addr_ton"), pdu.text("source_addr"), bind.credential.profile.default_country
        )
        if any(message.sender != sender for message in found):
            raise Refused(status)

    def _refuse(self, status: int) -> Callable[[Bind, Pdu], Awaitable[None]]:
        async def refuse(bind: Bind, pdu: Pdu) -> None:
            self._answers.answer(bind, pdu, status)

        return refuse


def _state(message: Message, interface_version: int) -> int:
    """message_state (5.2.28). SCHEDULED came with 5.0; earlier versions get ENROUTE."""
    if message.status == statuses.SCHEDULED and interface_version >= c.INTERFACE_VERSION_50:
        return c.STATE_SCHEDULED
    return state_of(message)


def _matches(message: Message, credential_id: str, service_type: str | None) -> bool:
    origin = origin_of(message.origin)
    return (
        origin is not None
        and origin.credential_id == credential_id
        and (service_type is None or origin.service_type == service_type)
    )
