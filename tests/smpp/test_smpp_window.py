"""Sequence numbers, slots and time-outs of requests in flight."""

from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import constants as c
from onesixty.smpp.window import Window


def add(window: Window, context: object = None) -> int:
    sequence = window.next_sequence()
    window.add(c.SUBMIT_SM, sequence, context, 0)
    return sequence


def test_sequences_wrap_and_skip_those_in_flight() -> None:
    """Sequence numbers run 1 to 0x7FFFFFFF, wrap, skip those in flight, are never 0."""
    window = Window(10, 30.0, first_sequence=1)
    assert [add(window), add(window)] == [1, 2]
    assert window.reserve() == 3
    window.answer(1, c.SUBMIT_SM_RESP)
    window._last_sequence = c.MAX_SEQUENCE - 1
    assert [add(window), add(window), add(window)] == [c.MAX_SEQUENCE, 1, 4]


@given(st.lists(st.sampled_from(("send", "answer", "time out", "reserve")), max_size=60))
def test_no_two_requests_in_flight_share_a_sequence(steps: list[str]) -> None:
    window = Window(8, 1.0, first_sequence=c.MAX_SEQUENCE - 3)
    window.wrote(0.0)
    now = 0.0
    alive: list[int] = []
    for step in steps:
        now += 0.2
        if step == "send" and window.free:
            sequence = add(window)
            window.wrote(now)
            assert 1 <= sequence <= c.MAX_SEQUENCE
            assert sequence not in alive
            alive.append(sequence)
        elif step == "answer" and alive:
            assert window.answer(alive.pop(0), c.SUBMIT_SM_RESP) is not None
        elif step == "reserve":
            assert window.reserve() not in alive
        elif step == "time out":
            for flight in window.expire(now):
                alive.remove(flight.sequence)
        assert len(window) == len(alive)
        assert window.free == 8 - len(alive)


def test_a_million_cycles_leak_nothing() -> None:
    """A lost response frees its slot; no leak over a million cycles."""
    window = Window(10, 1.0)
    now = 0.0
    for cycle in range(100_000):
        for _ in range(10):
            add(window)
        assert window.free == 0
        window.wrote(now)
        now += 2.0
        if cycle % 3:
            assert len(window.expire(now)) == 10
        else:
            for sequence in list(window._flights):
                window.answer(sequence, c.SUBMIT_SM_RESP)
    assert window.free == 10
    assert len(window._flights) == len(window._unwritten) == 0
    assert window.next_deadline() is None


def test_the_clock_starts_at_the_write() -> None:
    """What is queued does not time out; the response timer starts at the write."""
    window = Window(10, 5.0)
    first = add(window)
    assert window.next_deadline() is None
    assert window.expire(1e9) == []
    window.wrote(100.0)
    second = add(window)
    assert window.next_deadline() == 105.0
    assert [flight.sequence for flight in window.expire(105.0)] == [first]
    assert window.expire(1e9) == []
    assert window.answer(second, c.SUBMIT_SM_RESP) is not None


def test_an_answer_must_fit_its_request() -> None:
    window = Window(10, 5.0)
    sequence = add(window, "context")
    assert window.answer(sequence, c.DELIVER_SM_RESP) is None
    assert window.answer(sequence + 1, c.SUBMIT_SM_RESP) is None
    flight = window.answer(sequence, c.GENERIC_NACK)
    assert flight is not None
    assert flight.context == "context"
    assert window.answer(sequence, c.SUBMIT_SM_RESP) is None
