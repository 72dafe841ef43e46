"""The part of a verify profile that is for guards.

Rules kept here:
- every guard is on unless the profile says otherwise; `report` lets it tell what it would have done;
- where no carrier is a real one, guards tell what they would do and stop nothing, unless `on_simulated` lets them;
- countries are denied unless allowed. A profile begins with the country of its account;
- a budget is a decimal string in the currency of the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
import phonenumbers
from msgspec import Meta

from onesixty.core import money
from onesixty.core.errors import Problem
from onesixty.core.remarks import Remark
from onesixty.verify.guards.catalogue import ABUSED, GUARDS, THRESHOLDS
from onesixty.verify.warned import warned

#: `on` does what the table of guards says, `report` only tells, `off` does not look.
Mode = Literal["on", "report", "off"]

Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", examples=["50.00"])]


class GuardLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a profile says to its guards."""

    countries: Annotated[
        Annotated[tuple[Country, ...], Meta(max_length=250)] | None,
        Meta(
            description="ISO 3166: the countries that get codes by SMS. Default: the country of the account.",
            examples=[["DE", "AT"]],
        ),
    ] = None
    modes: Annotated[
        dict[str, Mode],
        Meta(
            description="Guards by name. `on` (default), `report`: tell what it would do, and do nothing, `off`.",
            examples=[{"mix": "report"}],
        ),
    ] = {}
    thresholds: Annotated[
        dict[str, float],
        Meta(
            description="Thresholds by guard and name, instead of those of `GET /v1/verify-guards`.",
            examples=[{"address.hold_above": 30}],
        ),
    ] = {}
    on_simulated: Annotated[
        bool,
        Meta(
            description="Whether guards also stop test traffic, and what goes to simulated carriers, so that you see "
            "what your application does then. Otherwise they only report it there."
        ),
    ] = False
    budget_hour: Annotated[
        Amount | None,
        Meta(
            description="What the sends of an hour may cost, in the currency of the account. Default: anything."
        ),
    ] = None
    budget_day: Annotated[
        Amount | None,
        Meta(description="What the sends of a day (UTC) may cost. Default: anything."),
    ] = None

    def mode(self, guard: str) -> Mode:
        """The mode of a guard."""
        return self.modes.get(guard, "on")

    def threshold(self, name: str) -> float:
        """A threshold: `address.hold_above`."""
        return self.thresholds.get(name, THRESHOLDS[name].value)

    @property
    def has_budget(self) -> bool:
        """Whether any budget is set."""
        return self.budget_hour is not None or self.budget_day is not None

    @property
    def budgets(self) -> tuple[int | None, int | None]:
        """The budgets of an hour and a day, in micro-units."""
        hour, day = (
            None if said is None else money.from_text(said) for said in (self.budget_hour, self.budget_day)
        )
        return hour, day


#: Countries that have telephone numbers.
KNOWN_COUNTRIES: Final[frozenset[str]] = frozenset(phonenumbers.SUPPORTED_REGIONS)


def check_limits(limits: GuardLimits) -> None:
    """Raise Problem for what no guard understands."""
    for number, country in enumerate(limits.countries or ()):
        if country not in KNOWN_COUNTRIES:
            raise Problem(
                "invalid_field",
                f"`{country}` is no country with telephone numbers.",
                param=f"guards.countries[{number}]",
            )
    _check_names(limits.modes, GUARDS, "guards.modes")
    _check_names(limits.thresholds, THRESHOLDS, "guards.thresholds")
    for name, value in limits.thresholds.items():
        bounds = THRESHOLDS[name]
        if not bounds.least <= value <= bounds.most:
            raise Problem(
                "invalid_field",
                f"`{name}` is between {bounds.least:g} and {bounds.most:g}.",
                param=f"guards.thresholds.{name}",
            )
    if limits.threshold("address.block_above") < limits.threshold("address.hold_above"):
        raise Problem(
            "invalid_field",
            "`address.block_above` is at least `address.hold_above`.",
            param="guards.thresholds.address.block_above",
        )


def _check_names(given: Mapping[str, object], known: Mapping[str, object], param: str) -> None:
    for name in given:
        if name not in known:
            raise Problem(
                "invalid_field",
                f"`{name}` is not in the table of guards. See `GET /v1/verify-guards`.",
                param=f"{param}.{name}",
            )


def warnings_of(limits: GuardLimits) -> list[Remark]:
    """What a profile should know of its countries."""
    if not limits.countries:
        return [warned("no_country")]
    risky = sorted(ABUSED.intersection(limits.countries))
    if not risky or limits.budget_hour is not None or limits.budget_day is not None:
        return []
    return [warned("abused_countries", countries=risky)]
