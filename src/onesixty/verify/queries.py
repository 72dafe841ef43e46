"""The queries of the lists of verifications, and of their figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from onesixty.core import ids
from onesixty.http import moments
from onesixty.http.bodies import OR_NONE, CountryOrNone, NetworkOrNone, Query, negated
from onesixty.http.exports import PERSONAL, ExportQuery
from onesixty.http.paging import PageQuery
from onesixty.verify import profiles
from onesixty.verify import verification as v
from onesixty.verify.listing import CountedAs, Filters

Word = Annotated[str, Field(max_length=40)]


class VerificationFilters(Query):
    """The filters of a list or an export."""

    to: Annotated[
        str | None,
        Field(max_length=254, description="Only verifications of this number or address."),
        PERSONAL,
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
        CountryOrNone | None,
        Field(description="ISO 3166 country of the number. An empty value finds verifications without one."),
    ] = None
    network: Annotated[
        NetworkOrNone | None,
        Field(description="MCC and MNC of the number. An empty value finds verifications without one."),
    ] = None
    status_not: Annotated[list[v.Status] | None, negated("verifications whose status is")] = None
    profile_id_not: Annotated[list[Word] | None, negated("verifications whose profile is")] = None
    guard_not: Annotated[
        list[Word] | None, negated("verifications that are stopped by", ", or by no guard")
    ] = None
    channel_not: Annotated[list[v.Channel] | None, negated("verifications whose last code went by")] = None
    country_not: Annotated[
        list[CountryOrNone] | None,
        negated("verifications whose country is", OR_NONE),
    ] = None
    network_not: Annotated[
        list[NetworkOrNone] | None,
        negated("verifications whose network is", OR_NONE),
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
            status_not=tuple(self.status_not or ()),
            profile_id_not=tuple(self.profile_id_not or ()),
            guard_not=tuple(self.guard_not or ()),
            channel_not=tuple(self.channel_not or ()),
            country_not=tuple(each.upper() for each in self.country_not or ()),
            network_not=tuple(self.network_not or ()),
        )


class VerificationQuery(VerificationFilters, PageQuery):
    """`?to=%2B15551234567&status=pending`."""

    kind = ids.VERIFICATION


class VerificationExport(ExportQuery, VerificationFilters):
    """The query of an export."""

    kind = ids.VERIFICATION


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
