"""The queries of the lists of verifications, and of their figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from onesixty.core import ids
from onesixty.http import moments
from onesixty.http.bodies import Query
from onesixty.http.paging import PageQuery
from onesixty.verify import profiles
from onesixty.verify import verification as v
from onesixty.verify.listing import CountedAs, Filters


class VerificationQuery(PageQuery):
    """`?to=%2B15551234567&status=pending`."""

    kind = ids.VERIFICATION

    to: Annotated[
        str | None, Field(max_length=254, description="Only verifications of this number or address.")
    ] = None
    status: Annotated[v.Status | None, Field(description="Only verifications with this status.")] = None
    profile_id: Annotated[str | None, Field(max_length=40, description="Only those of this profile.")] = None
    reference: Annotated[str | None, Field(max_length=255, description="Only those with this reference.")] = (
        None
    )
    guard: Annotated[
        str | None, Field(max_length=40, description="Only those that this guard holds or blocked.")
    ] = None
    channel: Annotated[v.Channel | None, Field(description="Only those whose last code went this way.")] = (
        None
    )
    country: Annotated[
        str | None,
        Field(
            pattern="^([A-Za-z]{2}|001)?$",
            description="ISO 3166 country of the number. An empty value finds verifications without one.",
        ),
    ] = None
    network: Annotated[
        str | None,
        Field(
            pattern=r"^([0-9]{5,6})?$",
            description="MCC and MNC of the number. An empty value finds verifications without one.",
        ),
    ] = None
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None
    counted_as: Annotated[
        CountedAs | None,
        Field(
            description="Only those that `GET /v1/reports/verifications` counts in the figure of this name. They "
            "have ended, and none is of a test number."
        ),
    ] = None

    def filters(self) -> Filters:
        """The filters of the list. Raises Problem."""
        return Filters(
            to=None if self.to is None else profiles.address_of(self.to, "to")[0],
            status=self.status,
            profile_id=self.profile_id,
            reference=self.reference,
            guard=self.guard,
            channel=self.channel,
            country=None if self.country is None else self.country.upper(),
            network=self.network,
            created_after=moments.of_query(self.created_after, "created_after"),
            created_before=moments.of_query(self.created_before, "created_before"),
            counted_as=self.counted_as,
        )


class FiguresQuery(Query):
    """`?by=country&start=2026-11-01T00:00:00Z`."""

    by: Annotated[
        str | None,
        Field(
            max_length=100,
            description="Separated by commas: day, hour, country, network, channel, profile; carrier for operators.",
        ),
    ] = None
    start: Annotated[str | None, Field(max_length=40, description="RFC 3339; by default 7 days ago.")] = None
    end: Annotated[str | None, Field(max_length=40, description="RFC 3339; by default now.")] = None
    profile_id: Annotated[str | None, Field(max_length=40, description="Only those of this profile.")] = None
