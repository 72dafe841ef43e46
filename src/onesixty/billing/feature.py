"""Billing as a feature of a node: the ledger row is written in the transaction of the message's change."""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.billing.flat import LedgerEffect
from onesixty.core.contracts import Effect
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature


class BillingFeature(Feature):
    """The ledger."""

    def __init__(self, node: Context) -> None:
        self._ledger = LedgerEffect(node.settings.billing_charge_on)

    def effects(self) -> Sequence[Effect]:
        """See Feature."""
        return [self._ledger]
