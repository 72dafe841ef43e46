"""The lane: whose turn is next."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.contracts import Rendered
from onesixty.core.message import CLASSES, Message
from onesixty.dispatch.lane import QUANTUM, Item, Lane


def item(
    number: int, account: str = "a", class_: str = "otp", *, priority: int = 0, segments: int = 1
) -> Item:
    return Item(
        Message(
            id=f"msg_{number}",
            account_id=account,
            test=False,
            sender="Acme",
            recipient="+1",
            text="",
            encoding="gsm7",
            segments=segments,
            class_=class_,
            priority=priority,
            created_at=0,
            expires_at=1,
            status="queued",
        )
    )


def fill(lane: Lane, *items: Item) -> None:
    for one in items:
        lane.put(one)


def ids(items: list[Item]) -> list[int]:
    return [int(one.message.id[4:]) for one in items]


def test_classes_share_by_weight_when_all_press() -> None:
    lane = Lane(10_000)
    for index, class_ in enumerate(CLASSES):
        fill(lane, *(item(index * 2000 + n, class_=class_) for n in range(1000)))
    went = Counter(one.message.class_ for one in lane.take(1000))
    assert went == {"otp": 800, "transactional": 150, "marketing": 50}


def test_a_class_has_all_of_it_when_alone() -> None:
    lane = Lane(1000)
    fill(lane, *(item(n, class_="marketing") for n in range(100)))
    assert ids(lane.take(100)) == list(range(100))


def test_a_class_that_was_away_saves_nothing_up() -> None:
    lane = Lane(10_000)
    fill(lane, *(item(n, class_="marketing") for n in range(1000)))
    lane.take(500)
    fill(lane, *(item(2000 + n, class_="otp") for n in range(1000)))
    went = Counter(one.message.class_ for one in lane.take(200))
    assert 8 <= went["marketing"] <= 12


def test_long_messages_count_as_their_segments_between_classes() -> None:
    lane = Lane(10_000)
    fill(lane, *(item(n, class_="transactional", segments=5) for n in range(200)))
    fill(lane, *(item(1000 + n, class_="marketing") for n in range(1000)))
    went = Counter[str]()
    for one in lane.take(400):
        went[one.message.class_] += one.cost
    assert went["transactional"] == pytest.approx(300, abs=5)
    assert went["marketing"] == pytest.approx(100, abs=5)


def test_accounts_take_turns_counted_in_segments() -> None:
    lane = Lane(10_000)
    fill(lane, *(item(n, "long", segments=4) for n in range(200)))
    fill(lane, *(item(1000 + n, "short") for n in range(800)))
    fill(lane, *(item(2000 + n, "other", segments=3) for n in range(300)))
    went = Counter[str]()
    for one in lane.take(600):
        went[one.message.account_id] += one.cost
    assert all(abs(segments - 200) <= 2 * QUANTUM for segments in went.values())


def test_one_customers_thousands_do_not_hold_up_anothers_one() -> None:
    lane = Lane(10_000)
    fill(lane, *(item(n, "big") for n in range(5000)))
    fill(lane, item(9999, "small"))
    assert 9999 in ids(lane.take(2 * QUANTUM))


def test_a_message_longer_than_the_quantum_gets_its_turn() -> None:
    lane = Lane(100)
    fill(lane, item(1, "a", segments=35), item(2, "b", segments=25), item(3, "a"), item(4, "b"))
    assert sorted(ids(lane.take(100))) == [1, 2, 3, 4]


def test_priority_orders_only_within_one_account_and_class() -> None:
    lane = Lane(100)
    fill(lane, item(1, "a"), item(2, "a", priority=5), item(3, "a", priority=5), item(4, "a", priority=9))
    assert ids(lane.take(10)) == [4, 2, 3, 1]
    fill(lane, *(item(10 + n, "a", priority=9) for n in range(50)))
    fill(lane, item(99, "b"))
    assert 99 in ids(lane.take(2 * QUANTUM + 1))


def test_an_item_that_comes_back_takes_the_place_that_it_had() -> None:
    """Throttled messages keep their order, in whichever order they come back."""
    lane = Lane(100)
    fill(lane, *(item(n) for n in range(8)))
    taken = lane.take(5)
    for one in [taken[2], taken[4], taken[3]]:
        lane.put(one, front=True)
    assert ids(lane.take(10)) == [2, 3, 4, 5, 6, 7]


def test_an_item_from_another_lane_goes_before_its_juniors() -> None:
    one, other = Lane(10), Lane(10)
    fill(one, item(1))
    fill(other, item(2), item(3))
    (moved,) = one.take(1)
    other.put(moved, front=True)
    assert ids(other.take(3)) == [1, 2, 3]


def test_what_was_removed_never_comes_back_also_from_another_lane() -> None:
    one, other = Lane(10), Lane(10)
    fill(one, item(1), item(2), item(3))
    moved = one.remove("msg_2")
    assert moved is not None
    assert one.remove("msg_2") is None
    other.put(moved)
    assert ids(one.take(10)) == [1, 3]
    assert ids(other.take(10)) == [2]
    moved = other.remove("msg_2")
    assert moved is None
    assert not one
    assert not other


def test_there_and_back_again_it_is_there_once() -> None:
    one, other = Lane(10), Lane(10)
    fill(one, item(1), item(2))
    moved = one.remove("msg_1")
    assert moved is not None
    other.put(moved)
    assert other.remove("msg_1") is moved
    one.put(moved, front=True)
    assert ids(one.take(10)) == [1, 2]
    assert not other.take(10)


def test_the_lane_is_bounded_and_reservations_count() -> None:
    lane = Lane(10)
    assert all(lane.reserve("otp", account) for account in "abcde")
    assert lane.room == 5
    lane.release("otp", "a")
    assert lane.room == 6
    lane.release("otp", "b")
    lane.put(item(1, "b"))
    assert lane.room == 6
    assert lane.depths() == {"otp": 1}
    lane.take(1)
    assert lane.room == 7


def test_a_campaign_never_fills_the_lane_for_others() -> None:
    """One account may reserve in a class while it has fewer places than are free."""
    lane = Lane(1000)
    while lane.reserve("marketing", "big"):
        pass
    assert lane.room == 500
    assert lane.reserve("otp", "big")
    assert lane.reserve("marketing", "small")
    while lane.reserve("transactional", "big"):
        pass
    assert lane.room > 200
    assert lane.reserve("otp", "small")


def test_a_part_goes_on_counted_by_what_is_left() -> None:
    one = item(1, segments=3)
    assert one.cost == 3
    assert not one.partly_taken
    one.rendered = Rendered(3, "Acme")
    one.pending = [2]
    assert one.cost == 1
    assert one.partly_taken


@given(st.integers(0, 2**32), st.integers(20, 120))
def test_nothing_is_lost_or_doubled(seed: int, steps: int) -> None:
    """Random puts, takes, returns and removals over two lanes: each message is in exactly one place."""
    random = Random(seed)
    lanes = [Lane(1000), Lane(1000)]
    home: dict[int, int] = {}
    out: list[Item] = []
    count = 0
    for _ in range(steps):
        lane = random.randrange(2)
        action = random.randrange(5)
        if action <= 1:
            count += 1
            account, class_ = random.choice("abc"), random.choice(CLASSES)
            new = item(count, account, class_, priority=random.randrange(3), segments=random.randrange(1, 25))
            lanes[lane].put(new)
            home[count] = lane
        elif action == 2:
            taken = lanes[lane].take(random.randrange(1, 40))
            for number in ids(taken):
                assert home.pop(number) == lane
            out += taken
        elif action == 3 and out:
            back = out.pop(random.randrange(len(out)))
            lanes[lane].put(back, front=bool(random.randrange(2)))
            home[ids([back])[0]] = lane
        elif home:
            number = random.choice(sorted(home))
            gone = lanes[home[number]].remove(f"msg_{number}")
            assert gone is not None
            del home[number]
            if random.randrange(2):
                lanes[lane].put(gone)
                home[number] = lane
        for index in (0, 1):
            assert len(lanes[index]) == sum(where == index for where in home.values())
    for index in (0, 1):
        left = ids(lanes[index].take(10**6))
        assert sorted(left) == sorted(number for number, where in home.items() if where == index)
        assert lanes[index].room == 1000


def test_a_message_enters_at_the_place_that_was_reserved_for_it() -> None:
    lane = Lane(4)
    assert lane.reserve("otp", "a")
    assert lane.reserve("otp", "a")
    assert not lane.reserve("otp", "a"), "as many places are free as it has"
    lane.enter(item(1))
    assert (len(lane), lane.room) == (1, 2)
    lane.release("otp", "a")
    assert ids(lane.take(10)) == [1]
    assert lane.room == 4
