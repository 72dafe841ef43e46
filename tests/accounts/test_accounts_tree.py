"""The tree of accounts: who is above whom, and what follows from it."""

from hypothesis import given
from hypothesis import strategies as st

from onesixty.accounts.account import Account, AccountSettings
from onesixty.accounts.tree import Tree

TOP = "acc_top"


def account(id_: str, parent_id: str | None = TOP, *, state: str = "active", **settings: object) -> Account:
    return Account(
        id=id_,
        name=id_,
        currency="EUR",
        price_per_segment=1,
        settings=AccountSettings(**settings),  # type: ignore[arg-type]
        created_at=0,
        operator=parent_id is None,
        parent_id=parent_id,
        state=state,  # type: ignore[arg-type]
    )


def tree_of(*accounts: Account) -> Tree:
    made = Tree({one.id: one for one in accounts})
    made.renew()
    return made


def test_an_account_sees_itself_and_what_is_below_it() -> None:
    tree = tree_of(account(TOP, None), account("a"), account("b"), account("a1", "a"), account("a11", "a1"))
    assert tree.covers("a", "a11")
    assert tree.covers("a", "a")
    assert tree.covers(TOP, "a11")
    assert not tree.covers("a", "b"), "never sideways"
    assert not tree.covers("a1", "a"), "never up"
    assert not tree.covers("a", TOP)
    assert not tree.covers(TOP, "acc_none")
    assert tree.below("a") == ["a11", "a1"]
    assert tree.below(TOP) == ["b", "a11", "a1", "a"]
    assert tree.above == {"a1": ("a",), "a11": ("a1", "a")}
    assert [tree.depth(tree._book[id_]) for id_ in (TOP, "a", "a1", "a11")] == [0, 1, 2, 3]


def test_the_state_of_an_account_counts_for_what_is_below_it() -> None:
    tree = tree_of(
        account(TOP, None, state="suspended"),
        account("a", state="suspended"),
        account("a1", "a"),
        account("a2", "a", state="closed"),
        account("a21", "a2"),
        account("b"),
    )
    assert tree.stopped == {
        TOP: "suspended", "a": "suspended", "a1": "suspended", "a2": "closed", "a21": "closed"
    }  # fmt: skip
    assert tree.closed == {"a2", "a21"}
    assert tree.state_of("b") == "active", "customers do not depend on the operator's own account"


def test_rights_and_limits_come_from_above_too() -> None:
    tree = tree_of(
        account(TOP, None, may_use_otp=False, credit_limit=0),
        account("a", may_use_otp=False),
        account("a1", "a"),
        account("b", credit_limit=5),
        account("b1", "b"),
    )
    assert tree.without_otp == {TOP, "a", "a1"}
    assert tree.limited == {TOP, "b", "b1"}


def test_listeners_hear_only_of_other_states() -> None:
    book = {TOP: account(TOP, None), "a": account("a"), "a1": account("a1", "a")}
    tree = Tree(book)
    heard: list[dict[str, str]] = []
    tree.on_stopped(lambda: heard.append(dict(tree.stopped)))
    tree.renew()
    book["a"] = account("a", credit_limit=5)
    tree.renew()
    assert heard == []
    book["a"] = account("a", state="suspended")
    tree.renew()
    book["a"] = account("a")
    tree.renew()
    assert heard == [{"a": "suspended", "a1": "suspended"}, {}]


@given(st.lists(st.integers(0, 30), max_size=30), st.data())
def test_an_account_covers_exactly_the_accounts_whose_way_up_leads_over_it(
    parents: list[int], data: st.DataObject
) -> None:
    """Any tree: account n has one of the accounts before it as its parent."""
    book = {TOP: account(TOP, None)}
    for number, parent in enumerate(parents):
        book[f"a{number}"] = account(f"a{number}", list(book)[parent % len(book)])
    tree = Tree(book)
    tree.renew()
    one, other = (data.draw(st.sampled_from(list(book))) for _ in range(2))
    way: list[str] = []
    step: str | None = other
    while step is not None:
        way.append(step)
        step = book[step].parent_id
    assert tree.covers(one, other) == (one in way)
    assert (other in tree.below(one)) == (one in way[1:])
    assert list(tree.above.get(other, ())) == [id_ for id_ in way[1:] if id_ != TOP]
