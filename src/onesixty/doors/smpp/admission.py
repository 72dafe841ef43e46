"""Decides who may bind: checks address and password. Delays and locks make up for the password's eight characters.

Rules kept here:
- a wrong password, an unknown system_id and an address that is not on the list get one answer,
  ESME_RINVPASWD, after the same work;
- failures count for the pair of system_id and address, for the address, and, with a far higher limit, for the
  system_id. A pair that has bound successfully is judged by its own failures only. So a customer cannot be locked
  out from elsewhere. The exception is many addresses that guess at one system_id: they lock out only addresses from
  which the customer never bound;
- each failure delays its answer. Beyond the free ones, each failure locks for twice as long as the one before. A
  locked key gets ESME_RBINDFAIL before any password is checked, even the right one;
- the delay counts from the request, so that the time of an answer says nothing of the checks behind it: while a
  credential is rotated, there are two;
- a closed account and a credential that has ended get ESME_RBINDFAIL with the right password.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from typing import Final, NamedTuple

from onesixty.accounts.tree import Tree
from onesixty.core.clock import Clock
from onesixty.core.errors import StoreError
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.passwords import Busy, Passwords, replaced
from onesixty.customers.profile import networks_of
from onesixty.customers.tables import SmppCredential
from onesixty.smpp import constants as c

#: Failures before locks begin: of an address (which many customers may share), of a system_id over all
#: addresses, of a pair of both.
FREE_OF_ADDRESS: Final = 20
FREE_OF_SYSTEM_ID: Final = 200
FREE: Final = 5
LONGEST_LOCK: Final = 900.0  # seconds
FORGET_AFTER: Final = 900.0
SLOWEST_ANSWER: Final = 3.0
MOST_KEPT: Final = 20_000


class Verdict(NamedTuple):
    """The decision on a bind: the credential, and whether the password is its replaced one; or else the status, the
    reason (for the log) and the delay of the answer in seconds."""

    credential: SmppCredential | None
    status: int = c.ESME_ROK
    reason: str = ""
    delay: float = 0.0
    previous: bool = False


class _Failures:
    __slots__ = ("count", "last", "until")

    def __init__(self) -> None:
        self.count = 0
        self.last = 0.0
        self.until = 0.0


class Lock:
    """Failures by key, and the locks that follow from them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Failures] = OrderedDict()

    def locked(self, key: str, now: float) -> bool:
        """Whether a key is locked."""
        failures = self._kept.get(key)
        return failures is not None and now < failures.until

    def fail(self, key: str, free: int, now: float) -> float:
        """Count a failure. Returns the delay of its answer, in seconds."""
        failures = self._kept.get(key)
        if failures is None or now - failures.last > FORGET_AFTER:
            failures = self._kept[key] = _Failures()
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        failures.count += 1
        failures.last = now
        beyond = failures.count - free
        if beyond >= 0:
            failures.until = now + min(2.0 ** min(beyond, 20), LONGEST_LOCK)
        return min(0.1 * 2.0 ** min(failures.count - 1, 10), SLOWEST_ANSWER)

    def clear(self, key: str) -> None:
        """Forget the failures of a key after a correct password."""
        self._kept.pop(key, None)


class Admission:
    """Judges bind requests."""

    def __init__(self, credentials: SmppCredentials, passwords: Passwords, clock: Clock, tree: Tree) -> None:
        self._tree = tree
        self._credentials = credentials
        self._passwords = passwords
        self._clock = clock
        self._lock = Lock()
        #: Pairs of system_id and address that have bound successfully.
        self._known: OrderedDict[str, None] = OrderedDict()

    def at_once(self, system_id: str, password: str, address: str) -> Verdict | None:
        """The verdict if it needs no work: the key is locked, or the password is remembered
        as right. None: use `judge`."""
        keys = self._keys(system_id, address)
        now = self._clock.monotonic()
        if any(self._lock.locked(key, now) for key, _ in keys):
            return Verdict(None, c.ESME_RBINDFAIL, "locked")
        credential = self._credentials.by_system_id(system_id)
        if credential is None or not _allowed(credential, address):
            return None
        if self._passwords.is_remembered(credential.id, credential.version, password):
            return self._admit(credential, address)
        if credential.previous_opens(self._clock.now_ms()) and self._passwords.is_remembered(
            replaced(credential.id), credential.version, password
        ):
            return self._admit(credential, address, previous=True)
        return None

    async def judge(self, system_id: str, password: str, address: str) -> Verdict:
        """Look the credential up, check the password, and return the verdict."""
        began = self._clock.monotonic()
        try:
            credential, right, previous = await self._check(system_id, password)
        except (Busy, StoreError):
            return Verdict(None, c.ESME_RSYSERR, "unavailable")
        if credential is not None and right and _allowed(credential, address):
            return self._admit(credential, address, previous=previous)
        now = self._clock.monotonic()
        delay = max(self._lock.fail(key, free, now) for key, free in self._keys(system_id, address))
        reason = "system_id" if credential is None else "address" if right else "password"
        return Verdict(None, c.ESME_RINVPASWD, reason, max(0.0, began + delay - now))

    async def _check(self, system_id: str, password: str) -> tuple[SmppCredential | None, bool, bool]:
        """The credential of a system_id, whether the password is right, and whether it is the replaced one. If the
        credential changes meanwhile, it is checked as it is now. Raises Busy and StoreError."""
        while True:
            credential = await self._credentials.find(system_id)
            if credential is None:
                return None, await self._passwords.verify(system_id, None, 0, "", password), False
            id_, version, previous = credential.id, credential.version, False
            right = await self._passwords.verify(system_id, id_, version, credential.password_hash, password)
            former = credential.previous_password_hash
            if not right and former is not None and credential.previous_opens(self._clock.now_ms()):
                right = await self._passwords.verify(system_id, replaced(id_), version, former, password)
                previous = right and credential.previous_opens(self._clock.now_ms())
                right = previous
            if self._credentials.book[id_].version == version:
                return credential, right, previous

    def _admit(self, credential: SmppCredential, address: str, *, previous: bool = False) -> Verdict:
        if credential.account_id in self._tree.closed:
            return Verdict(None, c.ESME_RBINDFAIL, "closed")
        if credential.ended(self._clock.now_ms()):
            return Verdict(None, c.ESME_RBINDFAIL, "expired")
        pair = _pair(credential.system_id, address)
        self._lock.clear(pair)
        self._known[pair] = None
        self._known.move_to_end(pair)
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return Verdict(credential, previous=previous)

    def _keys(self, system_id: str, address: str) -> tuple[tuple[str, int], ...]:
        pair = _pair(system_id, address)
        if pair in self._known:
            return ((pair, FREE),)
        return (
            (pair, FREE),
            (f"address {address}", FREE_OF_ADDRESS),
            (f"system_id {system_id}", FREE_OF_SYSTEM_ID),
        )


def _pair(system_id: str, address: str) -> str:
    return f"pair {system_id} {address}"


def _allowed(credential: SmppCredential, address: str) -> bool:
    """Whether the credential may be used from this address."""
    if not credential.profile.allowed_networks:
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(
        parsed.version == network.version and parsed in network for network in networks_of(credential.profile)
    )
