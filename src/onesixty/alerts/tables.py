"""The table of the operator's changes to rules. A rule without a row has its defaults."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.store.table import Table

#: Thresholds are stored as whole millionths.
MICROS: Final = 1_000_000


class Override(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `alert_rules`: the operator's change to a rule. None: the default. Times are epoch milliseconds."""

    name: str = ""
    enabled: bool = True
    threshold_micros: int | None = None
    for_seconds: int | None = None
    muted_until: int | None = None
    version: int = 0

    @property
    def threshold(self) -> float | None:
        """The side of the threshold that breaches the rule."""
        return None if self.threshold_micros is None else self.threshold_micros / MICROS


ALERT_RULES: Final = Table("alert_rules", Override, key="name", oldest_first=True)
TABLES: Final = (ALERT_RULES,)
