"""Whatever is asked, lists and counts on both engines have the messages that plain rules let pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

import msgspec
import pytest

from onesixty.core.tenant import Reach, Tenant
from onesixty.messages.queries import Filters, Queries
from onesixty.store.units import Unit
from tests.messages import filter_cases
from tests.messages.filter_cases import ACCOUNT
from tests.support.message_path import Node

TENANT = Tenant(ACCOUNT, False)


async def listed(queries: Queries, reach: Tenant | Reach, filters: Filters) -> list[str]:
    """The ids of all pages."""
    found: list[str] = []
    after = None
    while True:
        page, after = await queries.find(reach, filters, 7, after)
        found += [message.id for message in page]
        if after is None:
            return found


async def counted(queries: Queries, reach: Tenant | Reach, filters: Filters) -> Counter[str]:
    """The counts of all calls."""
    found: Counter[str] = Counter()
    after = None
    while True:
        counts, after = await queries.counts(reach, filters, after)
        found += Counter(counts)
        if after is None:
            return found


@pytest.mark.parametrize("seed", range(3))
async def test_both_engines_agree_with_plain_rules(
    engine_url: str,
    new_node: Callable[..., Awaitable[Node]],
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    monkeypatch.setattr("onesixty.store.slices.SLICE", 11)
    monkeypatch.setattr("onesixty.store.slices.SLICES", 2)
    node = await new_node(engine_url)
    random = Random(seed)
    known = filter_cases.messages(random, 60)
    for message in known:
        row = msgspec.structs.astuple(message)
        assert await node.store.commit([Unit((message.id,), writes=(("message_insert", row),))]) == [True]
    for asked in [filter_cases.query(random) for _ in range(120)]:
        filters = await filter_cases.filters_of(asked)
        passing = [message for message in known if filter_cases.passes(asked, message)]
        newest = [message.id for message in reversed(passing)]
        for reach in (TENANT, Reach(None, False)):
            assert await listed(node.queries, reach, filters) == newest, asked
            assert await counted(node.queries, reach, filters) == Counter(one.status for one in passing), (
                asked
            )
        filters.oldest_first = True
        assert await listed(node.queries, TENANT, filters) == newest[::-1], asked


def test_the_console_is_held_to_the_same_rules() -> None:
    written = filter_cases.FILE.read_text(encoding="utf-8")
    assert written == filter_cases.document(), "python -m tests.messages.filter_cases writes it"
