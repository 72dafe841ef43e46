"""The hops of the messages that a restore holds: the carrier, sender and cost by which each may have gone.

Receipts find a held message by its carrier and sender, and an attempt whose outcome nobody saw costs what its hop
says. A restore asks the routes of the restored database for both, as dispatch does.

Rules kept here:
- a message that has a carrier may have gone over it; one that has none yet, over the first hop of its route;
- a message for which no route has a carrier gets no carrier: no receipt can find it;
- types of carriers from installed packages are taken for real carriers of SMS, because a restore loads no packages.
"""

from __future__ import annotations

from onesixty.carriers.registry import BUILT_IN
from onesixty.core.channel import Channels
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.network.tables import CARRIERS, ROUTES
from onesixty.routing.router import Router
from onesixty.store.contract import Store


class Hops:
    """The routes of a database, of which no carrier runs."""

    def __init__(self, router: Router) -> None:
        self._router = router

    @classmethod
    async def read(cls, store: Store, clock: Clock, id_source: IdSource, channels: Channels) -> Hops:
        """Read the routes, and what they depend on. No secret of a carrier is opened. Raises StoreError."""
        numbers = OwnNumbers(store, clock, id_source)
        await numbers.load()
        router = Router(clock, channels, carrier_of_sender=numbers.carrier_of_sender)
        carriers = [CARRIERS.read(row) for row in await store.fetch("carriers_all")]
        router.load(
            [ROUTES.read(row) for row in await store.fetch("routes_all")],
            carriers,
            [carrier.id for carrier in carriers if BUILT_IN.is_simulated(carrier.type)],
            {carrier.id: BUILT_IN.channel_of(carrier.type) for carrier in carriers},
        )
        return cls(router)

    def of(self, message: Message) -> Hop:
        """The hop over which a waiting message may have gone. Its `carrier_id` is empty if there is none."""
        if message.carrier_id is not None:
            return self._router.hop(message, message.carrier_id)
        try:
            return self._router.again(message).hops[0]
        except Problem:
            return Hop("")
