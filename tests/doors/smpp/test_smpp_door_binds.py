"""Who may bind, from where, how often, and what a bind is refused with."""

import asyncio
import contextlib
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.customers.ends import LONGEST_WAIT, Ends
from onesixty.customers.passwords import Busy, Passwords, generate
from onesixty.customers.tables import CREDENTIALS
from onesixty.doors.smpp.admission import FREE, FREE_OF_SYSTEM_ID, Admission, Lock
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from tests.doors.smpp.esme import Esme, Node, running
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def status_of(node: Node, system_id: str, password: str, **more: Any) -> int:
    """The command_status of a bind over a connection of its own."""
    async with await Esme.connect(node.port) as esme:
        return await esme.bind(node.name(system_id), password, **more)


async def test_a_wrong_password_and_an_unknown_name_get_one_answer(tenant: Node) -> None:
    await tenant.credential("acme")
    assert await status_of(tenant, "acme", "wrong") == c.ESME_RINVPASWD
    assert await status_of(tenant, "nobody", "password") == c.ESME_RINVPASWD
    assert await status_of(tenant, "acme", "password") == c.ESME_ROK


async def test_failures_lock_and_nobody_locks_a_customer_out_of_where_he_binds_from(tenant: Node) -> None:
    await tenant.credential("acme")
    assert await status_of(tenant, "acme", "password") == c.ESME_ROK
    admission = tenant.door.door._admission
    for number in range(FREE):
        verdict = await admission.judge(tenant.name("acme"), f"guess {number}", "192.0.2.1")
        assert verdict.status == c.ESME_RINVPASWD
    locked = admission.at_once(tenant.name("acme"), "password", "192.0.2.1")
    assert locked is not None
    assert locked.status == c.ESME_RBINDFAIL  # the right password as well
    elsewhere = admission.at_once(tenant.name("acme"), "password", "192.0.2.99")
    assert elsewhere is not None
    assert elsewhere.credential is not None, "one who guesses locks nobody out elsewhere"
    now = admission._clock.monotonic()
    for number in range(FREE_OF_SYSTEM_ID):
        for key, free in admission._keys(tenant.name("acme"), f"198.51.100.{number}"):
            admission._lock.fail(key, free, now)
    crowded = admission.at_once(tenant.name("acme"), "password", "203.0.113.1")
    assert crowded is not None
    assert crowded.status == c.ESME_RBINDFAIL, "a crowd does, but only from where it never was right"
    assert await status_of(tenant, "acme", "password") == c.ESME_ROK


async def test_locks_grow_and_end() -> None:
    lock = Lock()
    delays = [lock.fail("key", 3, now=0.0) for _ in range(5)]
    assert delays == sorted(delays)
    assert lock.locked("key", 3.9)
    assert not lock.locked("key", 4.1)
    assert not lock.locked("another", 0.0)
    for _ in range(50):
        lock.fail("key", 3, now=10.0)
    assert lock.locked("key", 10.0 + 899)
    assert not lock.locked("key", 10.0 + 901)
    lock.clear("key")
    assert not lock.locked("key", 11.0)


async def test_only_listed_addresses_may_bind(tenant: Node) -> None:
    await tenant.credential("inside", allowed_networks=["10.0.0.0/8", "127.0.0.1"])
    await tenant.credential("outside", allowed_networks=["10.0.0.0/8", "2001:db8::/32"])
    assert await status_of(tenant, "inside", "password") == c.ESME_ROK
    assert await status_of(tenant, "outside", "password") == c.ESME_RINVPASWD


async def test_no_more_binds_than_the_profile_allows(tenant: Node) -> None:
    credential_id = await tenant.credential("acme", max_binds=2)
    async with await tenant.esme("acme"), await tenant.esme("acme"):
        assert await status_of(tenant, "acme", "password") == c.ESME_RALYBND
    await wait_until_async(
        lambda: not tenant.platform.features.binds.binds.of(credential_id), what="the end of both binds"
    )
    assert await status_of(tenant, "acme", "password") == c.ESME_ROK


async def test_a_password_longer_than_the_field_is_read(tenant: Node) -> None:
    await tenant.credential("acme", password="x" * 64)
    assert await status_of(tenant, "acme", "x" * 64) == c.ESME_ROK


async def test_a_revoked_credential_ends_its_binds_and_opens_nothing(tenant: Node) -> None:
    credential_id = await tenant.credential("acme")
    credentials = tenant.platform.features.credentials.credentials
    async with await tenant.esme("acme") as esme:
        changed, password = await credentials.change_password(credentials.book[credential_id])
        assert len(password) == 8
        assert (await esme.submit()).command_status == c.ESME_ROK  # what is bound stays bound
        assert await status_of(tenant, "acme", "password") == c.ESME_RINVPASWD
        assert await status_of(tenant, "acme", password) == c.ESME_ROK
        await credentials.revoke(changed)
        unbind = await esme.next()
        assert unbind is not None
        assert unbind.command_id == c.UNBIND
        assert await status_of(tenant, "acme", password) == c.ESME_RINVPASWD
    with pytest.raises(Problem, match="revoked"):
        await credentials.change_profile(credentials.book[credential_id], changed.profile)
    await tenant.credential("acme")  # the name can be given again
    assert await status_of(tenant, "acme", "password") == c.ESME_ROK


class Shifted:
    """The clock of a node, with a wall clock that is ahead."""

    def __init__(self, clock: Clock, ahead_ms: int) -> None:
        self._clock, self._ahead = clock, ahead_ms

    def now_ms(self) -> int:
        return self._clock.now_ms() + self._ahead

    def monotonic(self) -> float:
        return self._clock.monotonic()


async def test_a_credential_ends_its_binds_at_its_end_and_opens_nothing_after(tenant: Node) -> None:
    credential_id = await tenant.credential("acme")
    credentials = tenant.platform.features.credentials.credentials

    async def ends_in(seconds: float) -> None:
        ends = credentials.rows.now() + round(seconds * 1000)
        known = credentials.book[credential_id]
        await credentials.rows.change(known, credentials.with_fields(known, expires_at=ends))

    async with await tenant.esme("acme") as bound_before, await tenant.esme("acme") as other:
        await ends_in(3600)
        async with await tenant.esme("acme") as bound_after:
            assert (await bound_after.submit()).command_status == c.ESME_ROK
            await ends_in(0.5)
            for esme in (bound_before, other, bound_after):
                unbind = await esme.next()
                assert unbind is not None
                assert unbind.command_id == c.UNBIND
                assert credentials.book[credential_id].ended(credentials.rows.now())
    assert await status_of(tenant, "acme", "password") == c.ESME_RBINDFAIL
    assert await status_of(tenant, "acme", "wrong") == c.ESME_RINVPASWD  # who guesses learns of no end
    await ends_in(3600)  # it can be opened again
    assert await status_of(tenant, "acme", "password") == c.ESME_ROK


async def test_a_wall_clock_that_is_set_forward_ends_binds(tenant: Node) -> None:
    credential_id = await tenant.credential("acme")
    credentials, door = tenant.platform.features.credentials.credentials, tenant.door.door
    known = credentials.book[credential_id]
    changed = credentials.with_fields(known, expires_at=credentials.rows.now() + 3_600_000)
    async with await tenant.esme("acme") as esme:
        await credentials.rows.change(known, changed)
        timer = door._ends._timers[credential_id]
        assert timer.when() <= asyncio.get_running_loop().time() + LONGEST_WAIT
        ends = Ends(door.binds, credentials.book, Shifted(tenant.platform.clock, 3_600_000))
        ends._look(credential_id)
        unbind = await esme.next()
        assert unbind is not None
        assert unbind.command_id == c.UNBIND


async def test_the_former_password_opens_until_its_end_also_if_it_is_remembered(tenant: Node) -> None:
    credential_id = await tenant.credential("acme")
    credentials = tenant.platform.features.credentials.credentials
    door, name = tenant.door.door, tenant.name("acme")
    _, password = await credentials.change_password(credentials.book[credential_id], overlap_seconds=60)
    async with await tenant.esme("acme", "password"), await tenant.esme("acme", password):
        assert await status_of(tenant, "acme", "wrong") == c.ESME_RINVPASWD
        admission = door._admission
        for given, is_previous in (("password", True), (password, False)):
            verdict = admission.at_once(name, given, "127.0.0.1")
            assert verdict is not None, "both are remembered"
            assert (verdict.credential is not None, verdict.previous) == (True, is_previous)
        late = Admission(
            credentials,
            admission._passwords,
            Shifted(tenant.platform.clock, 60_000),
            tenant.platform.features.accounts.tree,
        )
        assert late.at_once(name, "password", "127.0.0.1") is None
        assert (await late.judge(name, "password", "127.0.0.1")).status == c.ESME_RINVPASWD
        assert (await late.judge(name, password, "127.0.0.1")).credential is not None

    newest = (await credentials.change_password(credentials.book[credential_id], overlap_seconds=60))[1]
    assert await status_of(tenant, "acme", "password") == c.ESME_RINVPASWD  # the oldest ended
    assert await status_of(tenant, "acme", password) == c.ESME_ROK
    known = credentials.book[credential_id]
    await credentials.rows.change(
        known,
        credentials.with_fields(known, previous_password_hash=None, previous_expires_at=None),
    )
    assert await status_of(tenant, "acme", password) == c.ESME_RINVPASWD
    assert await status_of(tenant, "acme", newest) == c.ESME_ROK


async def test_a_credential_that_is_revoked_while_a_password_is_checked_opens_nothing(tenant: Node) -> None:
    credential_id = await tenant.credential("acme")
    credentials = tenant.platform.features.credentials.credentials
    admission = tenant.door.door._admission
    verify = admission._passwords.verify

    async def slow(*arguments: Any) -> bool:
        right = await verify(*arguments)
        await credentials.revoke(credentials.book[credential_id])
        return right

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission._passwords, "verify", slow)
        verdict = await admission.judge(tenant.name("acme"), "password", "127.0.0.1")
    assert verdict.status == c.ESME_RINVPASWD


async def test_the_time_of_a_refusal_counts_from_the_request(tenant: Node) -> None:
    """Two checks take longer than one; the answer does not."""
    await tenant.credential("acme")
    admission = tenant.door.door._admission
    verify = admission._passwords.verify

    async def slow(*arguments: Any) -> bool:
        await asyncio.sleep(0.05)
        return await verify(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission._passwords, "verify", slow)
        verdict = await admission.judge(tenant.name("acme"), "wrong", "198.51.100.250")
    assert 0 <= verdict.delay <= 0.05


async def test_a_change_on_another_node_arrives(tenant: Node) -> None:
    """What another node wrote is found by the look at the table, and its binds end here."""
    credential_id = await tenant.credential("acme")
    credentials = tenant.platform.features.credentials.credentials
    async with await tenant.esme("acme") as esme:
        known = credentials.book[credential_id]
        now = tenant.platform.clock.now_ms()
        row = CREDENTIALS.change(known, replace(known, changed_at=now, revoked_at=now))
        from onesixty.store.units import Unit

        await tenant.platform.store.commit(
            [Unit(keys=(known.id,), guards=(("smpp_credentials_update", row),))]
        )
        await credentials.refresh()
        unbind = await esme.next()
        assert unbind is not None
        assert unbind.command_id == c.UNBIND


async def test_versions_are_negotiated(tenant: Node) -> None:
    """sc_interface_version to who knows TLVs; a 3.3 peer gets none."""
    await tenant.credential("acme")
    for asked, told in ((0x50, 0x50), (0x34, 0x34), (0x33, None), (0x00, None), (0x60, 0x50)):
        async with await Esme.connect(tenant.port) as esme:
            fields = {"system_id": tenant.name("acme"), "password": "password", "interface_version": asked}
            answer = await esme.ask(c.BIND_TRANSCEIVER, **fields)
            assert answer.command_status == c.ESME_ROK
            assert answer.tlv_int(tlv.SC_INTERFACE_VERSION) == told, hex(asked)


async def test_a_verified_password_costs_no_kdf_again() -> None:
    runs = 0

    class Counting:
        def hash(self, password: str) -> str:
            return f"hash of {password}"

        def verify(self, stored: str, password: str) -> bool:
            nonlocal runs
            runs += 1
            if stored != f"hash of {password}":
                from argon2.exceptions import VerifyMismatchError

                raise VerifyMismatchError
            return True

    passwords = Passwords(bytes, Counting())  # type: ignore[arg-type]
    try:
        for _ in range(100):
            assert await passwords.verify("acme", "id", 1, "hash of right", "right")
        assert runs == 1
        for _ in range(100):
            assert not await passwords.verify("acme", "id", 1, "hash of right", "wrong")
        assert runs == 2
        assert not await passwords.verify("nobody", None, 0, "", "right")
        assert runs == 3  # an unknown name costs what a known one does
        assert not passwords.is_remembered("id", 2, "right")  # bound to the version
    finally:
        passwords.close()


async def test_more_than_can_be_checked_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onesixty.customers.passwords.MOST_WAITING", 0)
    passwords = Passwords(bytes)
    with pytest.raises(Busy):
        await passwords.hash("x")
    passwords.close()


async def test_generated_passwords_fit_the_field() -> None:
    made = {generate(Random(number).randbytes) for number in range(100)}
    assert all(len(password) == 8 and password.isascii() for password in made)
    assert len(made) > 90


async def test_a_peer_that_never_binds_is_hung_up_on(tmp_path: Path) -> None:
    """No bind within the session-init time."""
    async with (
        running(tmp_path, smpp_session_init_seconds=0.2) as node,
        await Esme.connect(node.port) as esme,
    ):
        assert await esme.next() is None


async def test_connections_are_bounded_altogether_and_by_address(tmp_path: Path) -> None:
    async with running(tmp_path, smpp_max_connections_per_address=2) as node:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(await Esme.connect(node.port))
            await wait_until_async(lambda: node.door.door.connections == 2, what="both connections")
            third = await stack.enter_async_context(await Esme.connect(node.port))
            assert await third.next() is None
        await wait_until_async(lambda: node.door.door.connections == 0, what="their end")
        await node.credential("acme")
        assert await status_of(node, "acme", "password") == c.ESME_ROK


@pytest.mark.slow
async def test_a_thousand_customers_bind_at_once_and_are_served(tmp_path: Path) -> None:
    """Issue 3: a thousand bind at once and are all served; the KDF runs once for each credential."""
    async with running(tmp_path, smpp_max_connections_per_address=2000) as node:
        names = [f"acme{number}" for number in range(20)]
        for name in names:
            await node.credential(name, max_binds=100)

        async def serve(number: int) -> int:
            async with await Esme.connect(node.port) as esme:
                status = await esme.bind(names[number % 20], "password")
                return status or (await esme.submit(f"number {number}".encode())).command_status

        statuses = await asyncio.gather(*map(serve, range(1000)))
        assert set(statuses) == {c.ESME_ROK}
