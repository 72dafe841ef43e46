"""The kinds of carriers: how to build one, and how to check and show its settings.

A new connector is a folder and one line in `CONNECTORS`; a provider over HTTP is a file in `http/profiles`. Installed
packages add types of their own (`extensions`), so a node has a `Connectors`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from onesixty.carriers import settings as shapes
from onesixty.carriers.http.profiles import PROFILES, Profile
from onesixty.carriers.http.settings import SECRETS as HTTP_SECRETS
from onesixty.carriers.http.settings import HttpSettings
from onesixty.carriers.http.settings import target as http_target
from onesixty.carriers.http.validation import asked_ids as asked_by_http
from onesixty.carriers.http.validation import check as check_http
from onesixty.carriers.http.validation import check_profile
from onesixty.carriers.simulator import SimulatorCarrier, SimulatorSettings
from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.carriers.smpp.settings import SECRETS
from onesixty.carriers.smpp.settings import asked_ids as asked_by_smpp
from onesixty.carriers.smpp.settings import check as check_smpp
from onesixty.carriers.smpp.settings import target as smpp_target
from onesixty.channels.sms.orders import SMS
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import Carrier, CarrierConfig, Net
from onesixty.core.errors import Problem
from onesixty.simulator.sandbox import Sandbox


class Seams(NamedTuple):
    """Time, randomness and the network, passed to every carrier. Simulated carriers share a sandbox."""

    clock: Clock
    random: Random
    net: Net | None
    sandbox: Sandbox | None = None
    #: The base URL under which providers call onesixty.
    public_url: str = ""
    #: Returns the present name of the carrier, for the log: it may be renamed while it runs.
    name: Callable[[], str] | None = None


def no_ids(settings: object) -> frozenset[str]:
    """It asks for no ids."""
    return frozenset()


class Connector(NamedTuple):
    """A kind of carrier. `build` gets the carrier's id, its decoded settings and the seams. `target` says where
    its secrets are sent, and how the far end is identified there; it changes if the settings lead to another
    place."""

    settings: type[msgspec.Struct]
    secrets: tuple[str, ...]
    simulated: bool
    check: Callable[[Any, str], None]
    build: Callable[[str, Any, Seams], Carrier]
    target: Callable[[Any], object]
    #: The channel whose messages it carries.
    channel: str = SMS
    #: The ids of registered texts that its settings ask for.
    asks: Callable[[Any], frozenset[str]] = no_ids


def no_target(settings: object) -> object:
    """Nothing is sent to another host."""
    return None


def no_check(settings: object, param: str) -> None:
    """Check nothing: the types of the settings are enough."""


def _simulator(carrier_id: str, settings: SimulatorSettings, seams: Seams) -> Carrier:
    return SimulatorCarrier(
        carrier_id, settings, clock=seams.clock, random=seams.random, sandbox=seams.sandbox
    )


def _smpp(carrier_id: str, settings: SmppSettings, seams: Seams) -> Carrier:
    return SmppCarrier(
        carrier_id, settings, clock=seams.clock, random=seams.random, net=seams.net, name=seams.name
    )


def _http(carrier_id: str, settings: HttpSettings, seams: Seams) -> Carrier:
    # Imported here: it loads the HTTP client, a fifth of all imports at a start, and most nodes have no such carrier.
    from onesixty.carriers.http.carrier import HttpCarrier

    return HttpCarrier(
        carrier_id,
        settings,
        clock=seams.clock,
        random=seams.random,
        public_url=seams.public_url,
        name=seams.name,
    )


def _of_profile(profile: Profile) -> Connector:
    def build(carrier_id: str, settings: Any, seams: Seams) -> Carrier:
        return _http(carrier_id, profile.expand(settings), seams)

    def target(settings: Any) -> object:
        return http_target(profile.expand(settings))

    def asks(settings: Any) -> frozenset[str]:
        return asked_by_http(profile.expand(settings))

    return Connector(profile.settings, profile.secrets, False, check_profile, build, target, asks=asks)


CONNECTORS: Final[dict[str, Connector]] = {
    "simulator": Connector(SimulatorSettings, (), True, no_check, _simulator, no_target),
    "smpp": Connector(SmppSettings, SECRETS, False, check_smpp, _smpp, smpp_target, asks=asked_by_smpp),
    "http": Connector(HttpSettings, HTTP_SECRETS, False, check_http, _http, http_target, asks=asked_by_http),
}


class Connectors:
    """The types of carriers of a node: those of onesixty, and `installed` ones by their name."""

    def __init__(self, installed: Mapping[str, Connector] = MappingProxyType({})) -> None:
        self._connectors = {**CONNECTORS, **installed}
        #: The names of all types.
        self.types = sorted((*self._connectors, *PROFILES))

    def connector(self, type_: str, *, param: str = "type") -> Connector:
        """Return the connector of a type. Raises `Problem` naming the types that exist."""
        if type_ in PROFILES:
            return _of_profile(PROFILES[type_])
        found = self._connectors.get(type_)
        if found is None:
            known = ", ".join(self.types)
            raise Problem(
                "invalid_field", f"Unknown carrier type `{type_}`. The types are: {known}.", param=param
            )
        return found

    def validate(
        self, type_: str, settings: Mapping[str, object], *, param: str = "settings"
    ) -> dict[str, object]:
        """Return the settings in their normal form (without values that equal their default), ready to be stored as
        JSON. Settings with the same meaning have the same normal form.

        Raises `Problem` with `param` naming the field.
        """
        return shapes.normal(self._decode(type_, settings, param))

    def public(self, type_: str, settings: Mapping[str, object] | str) -> dict[str, object]:
        """Return all settings of a carrier, with defaults filled in and secrets masked, to show to an operator.

        Every value is masked if this node does not know the type, or its version of the type refuses the settings,
        because any of them may be a secret.
        """
        given = msgspec.json.decode(settings) if isinstance(settings, str) else settings
        try:
            return shapes.public(self._decode(type_, given, "settings"), self.connector(type_).secrets)
        except Problem:
            return dict.fromkeys(given, shapes.MASK)

    def registrations(self, type_: str, settings: str) -> frozenset[str]:
        """The ids of registered texts that a carrier asks for; none if this node cannot read its settings."""
        try:
            decoded = self._decode(type_, msgspec.json.decode(settings or "{}"), "settings")
            return self.connector(type_).asks(decoded)
        except Problem:
            return frozenset()

    def check_secrets(
        self, type_: str, before: Mapping[str, object], after: Mapping[str, object], said: Collection[str]
    ) -> None:
        """Raise `Problem` if a change of settings would send a secret to a new place without its being given again.

        A user who may change an address but cannot read the secrets must not learn them that way: secrets that stay
        unchanged have to be among the fields `said` in the same change. Where they were sent is unknown if the type
        refuses the settings `before`, which another version of it stored.
        """
        kind, new = self.connector(type_), self._decode(type_, after, "settings")
        try:
            old = self._decode(type_, before, "settings")
        except Problem:
            old = None
        if old is not None and kind.target(old) == kind.target(new):
            return
        for name in kind.secrets:
            unchanged = old is None or getattr(new, name) == getattr(old, name)
            if name not in said and getattr(new, name) and unchanged:
                raise Problem(
                    "missing_field",
                    f"`{name}` must be given again, because the address it is sent to changes.",
                    param=f"settings.{name}",
                )

    def build(
        self,
        config: CarrierConfig,
        *,
        clock: Clock,
        random: Random,
        net: Net | None = None,
        sandbox: Sandbox | None = None,
        public_url: str = "",
        name: Callable[[], str] | None = None,
    ) -> Carrier:
        """Build the carrier of a row. `net` None is the real network. `public_url` is the base URL under which
        providers call onesixty. `name` returns the present name of the carrier, if that may differ from the row.

        Raises `Problem` for wrong settings.
        """
        settings = msgspec.json.decode(config.settings or "{}")
        decoded = self._decode(config.type, settings, f"carriers.{config.name}")
        seams = Seams(clock, random, net, sandbox, public_url, name or (lambda: config.name))
        return self.connector(config.type).build(config.id, decoded, seams)

    def is_simulated(self, type_: str) -> bool:
        """Whether carriers of this type are simulated. Test traffic uses only these. An unknown type is not."""
        return type_ in self.types and self.connector(type_).simulated

    def channel_of(self, type_: str) -> str:
        """The channel of carriers of this type. An unknown type may be one of SMS."""
        return self.connector(type_).channel if type_ in self.types else SMS

    def _decode(self, type_: str, settings: Mapping[str, object], param: str) -> msgspec.Struct:
        kind = self.connector(type_)
        decoded = shapes.decode(settings, kind.settings, param=param)
        kind.check(decoded, param)
        return decoded


#: The types of onesixty alone.
BUILT_IN: Final = Connectors()
