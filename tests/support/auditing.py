"""What `onesixty audit` finds in the database of a product, without the processor time of a process for it."""

from __future__ import annotations

from onesixty.core.clock import SystemClock
from onesixty.reports.audit import FEATURES, Terms, run_audit
from onesixty.store.opening import open_store
from tests.support.databases import statements
from tests.support.process import Product


async def assert_audited(product: Product) -> None:
    """The audit finds nothing. The product may run meanwhile, as it may beside the command."""
    clock = SystemClock()
    terms = Terms(now=clock.now_ms(), charge_on=str(product.settings.get("billing_charge_on", "sent")))
    store = await open_store(product.database_url, statements(*FEATURES), clock=clock, own=False)
    try:
        broken = [finding for finding in await run_audit(store, terms) if finding.count]
    finally:
        await store.close()
    assert not broken, broken
