"""The refused binds that are kept: counted together, and bounded."""

from onesixty.core.tenant import Tenant
from onesixty.customers.refused_binds import MOST, MOST_UNKNOWN, RefusedBind, RefusedBinds


def refused(system_id: str, at: int, *, known: bool = True, reason: str = "password") -> RefusedBind:
    return RefusedBind(
        system_id=system_id,
        address="192.0.2.1",
        tls=False,
        kind="transceiver",
        reason=reason,
        status="ESME_RINVPASWD",
        tenant=Tenant("acc_1", False) if known else None,
        credential_id="cre_1" if known else None,
        first_at=at,
        last_at=at,
    )


def test_equal_ones_are_counted_together() -> None:
    kept = RefusedBinds()
    for at in (1, 5, 9):
        kept.add(refused("acme", at))
    kept.add(refused("acme", 7, reason="max_binds"))
    first, second = kept
    assert (first.count, first.first_at, first.last_at) == (3, 1, 9)
    assert (second.reason, second.count) == ("max_binds", 1)


def test_strangers_push_out_only_each_other() -> None:
    kept = RefusedBinds()
    kept.add(refused("acme", 0))
    for number in range(5000):
        kept.add(refused(f"guess {number}", number, known=False, reason="system_id"))
    assert len(list(kept)) == MOST_UNKNOWN + 1
    for number in range(5000):
        kept.add(refused(f"known {number}", number))
    assert len(list(kept)) == MOST_UNKNOWN + MOST
