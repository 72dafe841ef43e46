"""The buckets of SMPP credentials: segments a second over all binds of a credential, on all nodes.

Rules kept here:
- all binds of a credential on a node share a bucket, which holds one second's segments;
- on several nodes the bucket fills with this node's share of the rate (`limits.shared`).
"""

from __future__ import annotations

from typing import Final

from onesixty.core.clock import Clock
from onesixty.customers.tables import SmppCredential
from onesixty.limits.shared import SharedRate, SharedRates
from onesixty.smpp.pacing import TokenBucket

#: The least that a bucket of a limited credential fills with: a share is given in thousandths a second.
LEAST: Final = 0.001


class _SharedBucket(TokenBucket):
    """A bucket that says what is taken from it."""

    __slots__ = ("shared",)

    shared: SharedRate

    def take(self, now: float, count: float = 1.0) -> None:
        """See TokenBucket."""
        super().take(now, count)
        self.shared.take(int(count), now)

    def fill_at(self, rate: float) -> None:
        """Fill with another rate from now on."""
        self.rate = rate
        self.burst = max(1.0, rate)

    def fill_share(self, share: float) -> None:
        """Fill with this node's share of the rate. A share can be 0, while other nodes have all of the rate; a bucket
        takes a rate of 0 for none."""
        self.fill_at(max(share, LEAST))


class Buckets:
    """The buckets of one node, by credential. `shared` is None if there can be only one node."""

    def __init__(self, clock: Clock, shared: SharedRates | None) -> None:
        self._clock = clock
        self._shared = shared
        self._buckets: dict[str, TokenBucket] = {}

    def of(self, credential: SmppCredential) -> TokenBucket:
        """The bucket of a credential."""
        bucket = self._buckets.get(credential.id)
        if bucket is None:
            rate, now = credential.profile.rate, self._clock.monotonic()
            if self._shared is None:
                bucket = TokenBucket(rate, rate, now)
            else:
                bucket = _SharedBucket(rate, rate, now)
                bucket.shared = SharedRate(credential.id, rate, now)
                self._share(credential.id, bucket, rate)
            self._buckets[credential.id] = bucket
        return bucket

    def change(self, credential: SmppCredential) -> None:
        """Take in a credential that was changed or revoked."""
        bucket, rate = self._buckets.get(credential.id), credential.profile.rate
        if bucket is None:
            return
        if isinstance(bucket, _SharedBucket):
            if bucket.shared.limit != rate:
                bucket.fill_at(rate)
                self._share(credential.id, bucket, rate)
        elif bucket.rate != rate:
            bucket.rate = rate
            bucket.burst = max(1.0, float(rate))
        if credential.revoked_at is not None:
            self._buckets.pop(credential.id, None)
            if self._shared is not None:
                self._shared.drop(credential.id)

    def _share(self, credential_id: str, bucket: _SharedBucket, rate: int) -> None:
        """Divide a rate between the nodes; 0 is no limit, which needs no division."""
        assert self._shared is not None
        if rate:
            bucket.shared = self._shared.watch(credential_id, rate, bucket.fill_share)
        else:
            self._shared.drop(credential_id)
            bucket.shared = SharedRate(credential_id, rate, self._clock.monotonic())
