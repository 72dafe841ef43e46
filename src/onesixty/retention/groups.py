"""The accounts that share a time for a kind of data, and how far retention came for each such group.

Rules kept here:
- a round reads rows of a kind once for each time that some account has, not once for each account;
- rows are read in the order of their ids, from where the last round ended. Once a day a round begins at the `floor`:
  the oldest row that had to stay. The floor is durable, so a start does not read years again. A floor is written
  only under the rules of its pass;
- a change of rules takes effect at the next round of each node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.ops.settings import Settings
from onesixty.retention.kinds import MESSAGES, Days, days_of
from onesixty.retention.tables import RULES, Rule
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

#: Seconds between two rounds that begin at the floor.
AGAIN: Final = 86_400.0


class Group(NamedTuple):
    """Accounts with the same days for a kind: those in `accounts`, or (`among` 0) all that are not."""

    kind: str
    days: int
    among: int
    accounts: Sequence[str]

    @property
    def params(self) -> dict[str, Any]:
        """The params of its statements."""
        return {"among": self.among, "accounts": list(self.accounts)}


class Groups:
    """The groups of all kinds, as of the last `load`."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        #: How often the rules had been changed when they were read.
        self.rules = -1
        #: The accounts with a rule.
        self.ruled: dict[str, Days] = {}
        self.defaults = days_of(settings, None)
        self._floors: dict[tuple[str, int], str] = {}
        self._reached: dict[tuple[str, int], tuple[str, float]] = {}

    async def load(self) -> None:
        """Read the rules, if they have changed."""
        ((count,),) = await self._store.fetch("retention_rules_count")
        if count == self.rules:
            return
        rules: list[Rule] = [RULES.read(row) for row in await self._store.fetch("retention_rule_all")]
        self.ruled = {rule.account_id: days_of(self._settings, rule) for rule in rules}
        floors = await self._store.fetch("retention_floors_all")
        self._floors = {(kind, days): floor for kind, days, floor in floors}
        self._reached.clear()
        self.rules = int(count)

    def days(self, account_id: str, kind: str) -> int:
        """For how many days an account's data of a kind is kept."""
        return self.ruled.get(account_id, self.defaults)[kind]

    def of(self, kind: str) -> list[Group]:
        """The groups whose data of a kind ends at some time."""
        default = self.defaults[kind]
        others: dict[int, list[str]] = {}
        for account_id, days in self.ruled.items():
            if days[kind] != default:
                others.setdefault(days[kind], []).append(account_id)
        apart = sorted(account_id for accounts in others.values() for account_id in accounts)
        groups = [Group(kind, default, 0, apart)]
        groups += [Group(kind, days, 1, sorted(accounts)) for days, accounts in sorted(others.items())]
        return [group for group in groups if group.days]

    def start_of(self, group: Group) -> str:
        """The id after which a round begins."""
        key = (group.kind, group.days)
        reached, at = self._reached.get(key, ("", -float("inf")))
        return reached if self._clock.monotonic() - at < AGAIN else self._floors.get(key, "")

    def at_floor(self, group: Group, start: str) -> bool:
        """Whether a round that begins at `start` passes everything that may be left."""
        return start <= self._floors.get((group.kind, group.days), "")

    async def came_to(self, group: Group, started: str, end: str, left: str | None) -> None:
        """Note that a round came to `end`. `left` is the oldest row that stayed, if the round began at the floor.
        Raises StoreError."""
        key = (group.kind, group.days)
        if not self.at_floor(group, started):
            self._reached[key] = (end, self._reached[key][1])
            return
        floor = left[:-1] if left else end  # sorts before the row that stayed
        if floor != self._floors.get(key, "") and not await self._raised(group, floor):
            return  # the next round reads the floors again
        self._floors[key] = floor
        self._reached[key] = (end, self._clock.monotonic())

    async def _raised(self, group: Group, floor: str) -> bool:
        """Write a floor. False if the rules changed since they were read: an account that joined the group meanwhile
        may have older rows, and its change removed the floor for that reason."""
        same_rules: Write = ("retention_mark_all", (MESSAGES, 0, self.rules))
        raised: Write = ("retention_floor", (group.kind, group.days, floor))
        (result,) = await self._store.commit([Unit(("retention marks",), (same_rules,), (raised,))])
        if isinstance(result, StoreError):
            raise result
        return result
