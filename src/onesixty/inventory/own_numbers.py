"""Numbers and short codes of accounts: the account of an incoming message, and the carrier of a reply.

Rules kept here:
- an incoming message belongs to the account of the number that it was sent to; the first word decides between the
  accounts of a shared code;
- keywords are compared without regard to case and width, and end where a word ends, also in scripts without spaces;
- the longest matching keyword decides; without a match, the row without keywords;
- a row for the carrier of the message takes precedence over a row for any carrier;
- the table is in memory, and read again when a row changes and at each renewal of the lease.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from onesixty.channels.sms.content import BINARY
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.core.tenant import Reach, Tenant
from onesixty.inventory.tables import NUMBERS, NumberSettings, OwnNumber
from onesixty.numbers import InvalidSender, parse_sender
from onesixty.store.contract import Store
from onesixty.store.rows import ANYBODY, By, RowEffect, Rows

#: The longest keyword in characters, and the most keywords of a number.
LONGEST_KEYWORD: Final = 40
MOST_KEYWORDS: Final = 200

#: Scripts without spaces between words: any character may follow a keyword in one of them.
_NO_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_SPACES: Final = re.compile(r"\s+")
#: The tag of a message to an unassigned number.
UNASSIGNED: Final = "unassigned"
#: The tags of such a message.
_TO_NOBODY: Final = '["unassigned"]'
#: The letters "I" of the Turkish alphabets, dotted and dotless, are equal in keywords.
_DOTLESS: Final = str.maketrans({"ı": "i", "\u0307": None})


def normal_keyword(written: str) -> str:
    """The normal form of a keyword for comparison: one case, one width, single spaces, no surrounding punctuation."""
    plain = unicodedata.normalize("NFKC", written)
    plain = unicodedata.normalize("NFC", plain.casefold().translate(_DOTLESS))
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")  # zero-width marks
    start = next((place for place, c in enumerate(plain) if _in_word(c)), len(plain))
    return _SPACES.sub(" ", plain[start:]).strip()


def begins_with(said: str, keyword: str) -> bool:
    """Whether a text begins with this keyword as a word; both in normal form."""
    if not said.startswith(keyword):
        return False
    if len(said) == len(keyword) or _NO_SPACES.match(keyword[-1]):
        return True
    return not _in_word(said[len(keyword)])


def number_key(number: str) -> str:
    """The key under which a number is found: its digits."""
    return number.removeprefix("+").removeprefix("00")


class OwnNumbers:
    """The table `numbers` of a database, in memory and on disk."""

    def __init__(
        self, store: Store, clock: Clock, id_source: IdSource, effects: Sequence[RowEffect] = ()
    ) -> None:
        self._store = store
        self.rows = Rows(NUMBERS, store, clock, id_source, one="number", effects=effects)
        self.rows.on_written(self._written)
        #: Counts how often the table was read anew.
        self.version = 0
        self._by_id: dict[str, OwnNumber] = {}
        #: number -> carrier ('' any) -> keyword ('' all others) -> row; keywords longest first.
        self._rows: dict[str, dict[str, dict[str, OwnNumber]]] = {}

    async def load(self) -> None:
        """Read the table."""
        keywords: dict[str, list[str]] = {}
        for _, _, keyword, number_id in await self._store.fetch("number_keywords_all"):
            if keyword:
                keywords.setdefault(number_id, []).append(keyword)
        self._fill([_with(row, keywords) for row in await self.rows.all()])

    # ------------------------------------------------------------ questions

    def given_to(self, credential_id: str) -> list[str]:
        """The numbers whose incoming messages go only to the binds of one credential."""
        return sorted(
            {row.number for row in self._by_id.values() if row.settings.credential_id == credential_id}
        )

    def owner(self, number: str, carrier_id: str | None, text: str) -> OwnNumber | None:
        """The account's number for a message with this text; None if the number is unassigned."""
        by_carrier = self._rows.get(number_key(number))
        if by_carrier is None:
            return None
        said: str | None = None
        for carrier in (carrier_id or "", ""):
            rows = by_carrier.get(carrier)
            if rows is None:
                continue
            if said is None and (len(rows) > 1 or "" not in rows):
                said = normal_keyword(text[: 4 * LONGEST_KEYWORD])
            for keyword, row in rows.items():
                if not keyword or begins_with(said or "", keyword):
                    return row
        return None

    def settings_of(self, made: Message) -> NumberSettings | None:
        """How an incoming message is delivered: by the number's row that its text selects, or, if that row belongs
        to another account now, by any row that the account has for the number.

        A message to an unassigned number is for operators: it goes to their webhooks and to no bind, because binds
        belong to customers.
        """
        if made.tags == _TO_NOBODY:
            return NumberSettings(deliver_to="webhooks")
        said = "" if made.encoding == BINARY else made.text
        row = self.owner(made.recipient, made.carrier_id, said)
        tenant = made.tenant
        if row is not None and row.tenant == tenant:
            return row.settings
        return next((row.settings for row in self._having(made.recipient) if row.tenant == tenant), None)

    def wants_webhooks(self, made: Message) -> bool:
        """Whether an incoming message goes to webhooks (for the effect)."""
        settings = self.settings_of(made)
        return settings is None or settings.deliver_to != "binds"

    def carrier_of_sender(self, sender: str) -> str | None:
        """The carrier that hosts one of our numbers; messages from that number prefer it."""
        by_carrier = self._rows.get(number_key(sender))
        return None if by_carrier is None else next((carrier for carrier in by_carrier if carrier), None)

    # ------------------------------------------------------------ the table

    def get(self, id_or_number: str, reach: Reach = ANYBODY) -> OwnNumber | None:
        """A number by its id, or by the number itself if only one row within reach has it."""
        row = self._by_id.get(id_or_number)
        rows = self._having(id_or_number) if row is None else [row]
        found = {row.id: row for row in rows if reach.covers(row.tenant)}
        return next(iter(found.values())) if len(found) == 1 else None

    async def with_keywords(self, rows: Sequence[OwnNumber]) -> list[OwnNumber]:
        """Rows as read, with their stored keywords."""
        keywords: dict[str, list[str]] = {}
        for number_id, keyword in await self._store.fetch("number_keywords_of", ids=[row.id for row in rows]):
            if keyword:
                keywords.setdefault(number_id, []).append(keyword)
        return [_with(row, keywords) for row in rows]

    async def with_last_received(self, rows: Sequence[OwnNumber]) -> list[OwnNumber]:
        """Rows with the time at which their account last got a message to the number, if it still has one."""
        read = await self._store.fetch("numbers_last_received", ids=[row.id for row in rows])
        found: dict[str, int | None] = dict(read)
        return [msgspec.structs.replace(row, last_received_at=found.get(row.id)) for row in rows]

    def new(
        self,
        number: str,
        tenant: Tenant,
        *,
        carrier_id: str | None = None,
        keywords: Sequence[str] = (),
        settings: NumberSettings | None = None,
    ) -> OwnNumber:
        """A number to assign. Raises Problem `invalid_field`."""
        return OwnNumber(
            id=self.rows.new_id(),
            number=checked_number(number),
            account_id=tenant.account_id,
            carrier_id=carrier_id,
            test=tenant.test,
            settings=settings or NumberSettings(),
            created_at=self.rows.now(),
            keywords=checked_keywords(keywords),
        )

    async def add(self, number: str, tenant: Tenant, **fields: Any) -> OwnNumber:
        """Assign a number with the fields of `new`. Raises Problem `invalid_field` or `conflict`."""
        row = self.new(number, tenant, **fields)
        return await self.rows.add(row, writes=keyword_writes(None, row))

    async def change(self, row: OwnNumber, changed: OwnNumber) -> OwnNumber:
        """Change a number to these values. Raises Problem `invalid_field` or `conflict`."""
        changed = msgspec.structs.replace(changed, keywords=checked_keywords(changed.keywords))
        return await self.rows.change(row, changed, writes=keyword_writes(row, changed))

    async def remove(self, row: OwnNumber, by: By | None = None) -> None:
        """Release a number. Raises Problem `conflict`."""
        await self.rows.remove(row, by=by, writes=keyword_writes(row, None))

    def _having(self, number: str) -> Iterator[OwnNumber]:
        """The rows of a number, once for each of their keywords."""
        for by_keyword in self._rows.get(number_key(number), {}).values():
            yield from by_keyword.values()

    async def _written(self, before: OwnNumber | None, after: OwnNumber | None) -> None:
        await self.load()

    def _fill(self, rows: Sequence[OwnNumber]) -> None:
        self._by_id = {row.id: row for row in rows}
        table: dict[str, dict[str, dict[str, OwnNumber]]] = {}
        for row in rows:
            of_carrier = table.setdefault(number_key(row.number), {}).setdefault(row.carrier_id or "", {})
            of_carrier.update(dict.fromkeys(row.keywords or ("",), row))
        for by_carrier in table.values():
            for carrier, of_carrier in by_carrier.items():
                by_carrier[carrier] = dict(sorted(of_carrier.items(), key=lambda item: -len(item[0])))
        if table != self._rows:
            self.version += 1
        self._rows = table


def checked_number(number: str) -> str:
    """A number in E.164, or a short code. Raises Problem `invalid_field`."""
    try:
        sender = parse_sender(number)
    except InvalidSender as error:
        raise Problem("invalid_field", f"{error}.", param="number", extra={"reason": error.code}) from None
    if sender.kind == "alphanumeric":
        raise Problem(
            "invalid_field", "A name cannot receive messages; use a number or a short code.", param="number"
        )
    return sender.display


def checked_keywords(keywords: Sequence[str]) -> tuple[str, ...]:
    """The keywords in their normal form. Raises Problem `invalid_field`."""
    found: list[str] = []
    for place, written in enumerate(keywords):
        keyword = normal_keyword(written)
        if not keyword or len(keyword) > LONGEST_KEYWORD:
            detail = (
                f"A keyword must have 1 to {LONGEST_KEYWORD} characters and begin with a letter or digit."
            )
            raise Problem("invalid_field", detail, param=f"keywords[{place}]")
        if keyword not in found:
            found.append(keyword)
    return tuple(found)


def keyword_writes(before: OwnNumber | None, after: OwnNumber | None) -> list[Write]:
    """The writes to the keywords of a number that is created, changed or removed."""
    old = set() if before is None else _keys(before)
    new = set() if after is None else _keys(after)
    gone: list[Write] = [("number_keyword_delete", key) for key in sorted(old - new)]
    return gone + [("number_keyword_insert", key) for key in sorted(new - old)]


def _keys(row: OwnNumber) -> set[tuple[str, str, str, str]]:
    """The rows of `number_keywords` for this number."""
    number, carrier = number_key(row.number), row.carrier_id or ""
    return {(number, carrier, keyword, row.id) for keyword in row.keywords or ("",)}


def _in_word(character: str) -> bool:
    """Letters, digits, and combining marks (vowel signs, accents)."""
    return unicodedata.category(character)[0] in "LNM"


def _with(row: OwnNumber, keywords: dict[str, list[str]]) -> OwnNumber:
    return msgspec.structs.replace(row, keywords=tuple(keywords.get(row.id, ())))
