"""The limits of an account, a key or an SMPP credential: how much, how fast, how many at once. None is no limit."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

_Rate = Annotated[int, Meta(ge=1, le=1_000_000)]
_Many = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]


class Limits(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The limits of one account, with all accounts below it."""

    requests_per_second: Annotated[
        _Rate | None, Meta(description="Requests a second, of all keys and users together.")
    ] = None
    segments_per_second: Annotated[_Rate | None, Meta(description="Accepted segments a second.")] = None
    messages_per_day: Annotated[
        _Many | None, Meta(description="Accepted messages in a day of the account's time zone.")
    ] = None
    messages_per_month: Annotated[
        _Many | None, Meta(description="Accepted messages in a month of the account's time zone.")
    ] = None
    waiting_messages: Annotated[
        _Many | None, Meta(description="Messages that wait for a carrier at the same time.")
    ] = None
    scheduled_messages: Annotated[
        _Many | None, Meta(description="Messages that are scheduled at the same time.")
    ] = None
    storage_bytes: Annotated[_Many | None, Meta(description="Bytes of documents that are kept.")] = None

    @property
    def of_messages(self) -> Limits:
        """Those that messages and requests count for."""
        return self if self.storage_bytes is None else msgspec.structs.replace(self, storage_bytes=None)


NONE: Final = Limits()


def full_view(limits: Limits) -> Any:
    """Limits as the API shows them: every field. (The struct omits those that are not set.)"""
    return {name: getattr(limits, name) for name in Limits.__struct_fields__}


def exceeding(limits: Limits, above: Limits) -> str | None:
    """The first field in which limits are higher than those of the account above. What is not set is bounded by
    the account above anyway."""
    for name in Limits.__struct_fields__:
        own, most = getattr(limits, name), getattr(above, name)
        if own is not None and most is not None and own > most:
            return str(name)
    return None
