"""The products under measurement, by name: what `--gateways` takes."""

from collections.abc import Callable
from typing import Final

from benchmarks.gateways.contract import Gateway
from benchmarks.gateways.jasmin import JasminGateway
from benchmarks.gateways.kannel import KannelGateway
from benchmarks.gateways.onesixty import OnesixtyGateway
from benchmarks.gateways.postgresql import OnesixtyPostgresqlGateway

#: How to make each; the argument asks for a profile, which only ours have.
GATEWAYS: Final[dict[str, Callable[[bool], Gateway]]] = {
    "onesixty": lambda profile: OnesixtyGateway(profile=profile),
    "onesixty-1p": lambda profile: OnesixtyGateway(profile=profile, processes="1"),
    "onesixty-postgresql": lambda profile: OnesixtyPostgresqlGateway(profile=profile),
    "onesixty-postgresql-2": lambda profile: OnesixtyPostgresqlGateway(profile=profile, nodes=2),
    "kannel": lambda _: KannelGateway(),
    "kannel-spool": lambda _: KannelGateway(spool=True),
    "jasmin": lambda _: JasminGateway(),
}
#: What is measured when nothing is said.
USUAL: Final = ("onesixty", "kannel", "jasmin")
