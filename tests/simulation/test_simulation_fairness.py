"""Shares and order in virtual time, over carriers that do nothing wrong."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random

import pytest

from onesixty.app.platform import Platform
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.message import CLASSES, MARKETING, OTP, TRANSACTIONAL, Message
from onesixty.core.tenant import Tenant
from onesixty.ops.settings import Settings
from tests.simulation.carrier import register
from tests.simulation.sink import WorldSink
from tests.simulation.virtual import Time, live
from tests.simulation.world import Conduct, World
from tests.support.databases import memory_database

pytestmark = pytest.mark.slow

#: Segments a second of the carrier: slow enough that all classes and accounts press.
PACE = 50.0


class Scene:
    """A platform with one calm carrier, in one life. `work` gets the platform and three account ids."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, directory: Path, conduct: Conduct, capacity: int
    ) -> None:
        self.world = World("fairness", Time())
        self.world.add_carrier("only", conduct)
        register(monkeypatch, self.world)
        self._settings = Settings(
            data_dir=directory,
            lane_capacity=capacity,
            carriers=[{"name": "only", "type": "world", "peer": "only", "throughput": conduct.throughput,
                       "window": conduct.window}],
            routes=[{"name": "default", "carriers": ["only"]}],
        )  # fmt: skip

    def play(self, work: Callable[[Platform, list[str]], Coroutine[None, None, None]]) -> None:
        async def life(_loop: object) -> None:
            world, memory = self.world, memory_database()
            platform = Platform(
                self._settings, clock=world.time, random=Random(1), poster=WorldSink(world), memory=memory
            )
            await platform.start(doors=False)
            accounts = list(platform.features.accounts.book)
            while len(accounts) < 3:
                account, _ = await platform.features.accounts.create(f"account {len(accounts)}", "EUR", 5000)
                accounts.append(account.id)
            await work(platform, accounts)
            await platform.stop()

        assert not live(self.world.time, life, lambda: pytest.fail("nothing crashes here"))


async def send(
    platform: Platform, account_id: str, class_: str, count: int, priority: Callable[[int], int] = lambda _: 0
) -> list[Message]:
    """Accepted messages, in the order of acceptance."""
    orders = [
        SendOrder(
            tenant=Tenant(account_id, False), sender="Acme", recipient=f"+1555{number:07d}", text="x",
            class_=class_, priority=priority(number), valid_for=86_400,
        )
        for number in range(count)
    ]  # fmt: skip
    accepted = await platform.features.path.intake.accept(orders)
    return [message for message in accepted if isinstance(message, Message)]


@pytest.mark.parametrize("capacity", [10_000, 300])
def test_classes_share_by_weight_while_all_press_and_accounts_take_turns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capacity: int
) -> None:
    """Also when the lane is far too small for what waits, and the rest has to come from the rows."""
    scene = Scene(monkeypatch, tmp_path, Conduct(throughput=PACE, window=20), capacity)
    kinds: dict[str, tuple[str, str]] = {}

    async def work(platform: Platform, accounts: list[str]) -> None:
        for class_ in reversed(CLASSES):  # the small classes come last
            for account_id in accounts:
                for message in await send(platform, account_id, class_, 600):
                    kinds[message.id] = (class_, account_id)
        await asyncio.sleep(1200 / PACE)

    scene.play(work)
    window = [kinds[taken.message_id] for taken in scene.world.taken][50:1050]
    assert len(window) == 1000
    classes = Counter(class_ for class_, _ in window)
    for class_, share in ((OTP, 800), (TRANSACTIONAL, 150), (MARKETING, 50)):
        assert classes[class_] == pytest.approx(share, abs=30)
    otp = Counter(account_id for class_, account_id in window if class_ == OTP)
    assert max(otp.values()) - min(otp.values()) <= 30


@pytest.mark.parametrize("capacity", [10_000, 40])
def test_order_is_kept_within_account_class_and_priority(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capacity: int
) -> None:
    """In bursts, with priorities, while the lane spills into the rows and comes back from them."""
    scene = Scene(monkeypatch, tmp_path, Conduct(throughput=PACE, window=5, receipts_missing=1.0), capacity)
    places: dict[str, tuple[tuple[str, str, int], int]] = {}
    random = Random(3)

    async def work(platform: Platform, accounts: list[str]) -> None:
        for _ in range(30):
            account_id, class_ = random.choice(accounts), random.choice(CLASSES)
            accepted = await send(platform, account_id, class_, random.randint(1, 60), lambda n: n % 3)
            for message in accepted:
                places[message.id] = ((account_id, class_, message.priority), len(places))
            await asyncio.sleep(random.uniform(0, 1))
        await asyncio.sleep(30 * 60 / PACE + 10)

    scene.play(work)
    assert len(scene.world.taken) == len(places)
    went: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for taken in scene.world.taken:
        key, place = places[taken.message_id]
        went[key].append(place)
    for key, order in went.items():
        assert order == sorted(order), key
