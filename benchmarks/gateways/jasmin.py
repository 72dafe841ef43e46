"""Jasmin as a measured gateway, from SMPP to SMPP, configured for its best speed."""

from pathlib import Path

from benchmarks.gateways.contract import CUSTOMER, GatewayError, Links, Simple
from benchmarks.processes import Part
from onesixty.load.smpp import SmppTarget
from tests.support.jasmin import Jasmin, JasminError
from tests.support.jasmin import missing as jasmin_missing

_PASSWORD = "secret"
_ERRORS = 40  # Python's log level


class JasminGateway(Simple):
    """Jasmin with the RabbitMQ and the Redis that it needs, which count as part of it; over SMPP only."""

    name = "jasmin"
    letters = "C"
    share = 0.05

    def __init__(self) -> None:
        self._jasmin: Jasmin | None = None

    @staticmethod
    def missing() -> str | None:
        return jasmin_missing()

    def start(self, directory: Path, links: Links) -> None:
        if links.binds != 1 or links.receiver_port is not None:
            raise GatewayError("jasmin is measured from SMPP to SMPP, with one bind")
        directory.mkdir(parents=True, exist_ok=True)
        self._jasmin = Jasmin(directory, no_delay=True)
        try:
            self._jasmin.start()
            # Its connector has no window: it submits as fast as it can.
            self._jasmin.connector(
                "bench", port=links.carrier_port, system_id="onesixty", password="secret", loglevel=_ERRORS
            )
            self._jasmin.user(CUSTOMER, _PASSWORD, connector="bench", order=1)
        except JasminError as error:
            raise GatewayError(str(error)) from None

    def customer(self, binds: int, window: int) -> SmppTarget:
        assert self._jasmin is not None
        return SmppTarget(
            host="127.0.0.1", port=self._jasmin.smpp_port, system_id=CUSTOMER, password=_PASSWORD,
            binds=binds, window=window,
        )  # fmt: skip

    def parts(self) -> list[Part]:
        assert self._jasmin is not None
        return [Part(name, pid) for name, pid in self._jasmin.pids.items()]

    def stop(self) -> None:
        if self._jasmin is not None:
            self._jasmin.stop()
            self._jasmin = None
