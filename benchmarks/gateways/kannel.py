"""Kannel as a measured gateway, configured for its best speed."""

from pathlib import Path

from benchmarks.cases import Case
from benchmarks.gateways.contract import GatewayError, Links, Simple
from benchmarks.kannel.gateway import (
    DLR_SENT_AND_FINAL,
    PASSWORD,
    PROGRAMS,
    USERNAME,
    Kannel,
    KannelError,
    find,
)
from benchmarks.processes import Part
from benchmarks.requests import SENDER, TEXT, Settings, sendsms


class KannelGateway(Simple):
    """Kannel, with its queues in memory or, with `spool`, in a directory (never fsynced).

    It cannot serve SMPP customers: opensmppbox is a separate product, and Debian has no package of it.
    """

    letters = "ABE"

    def __init__(self, *, spool: bool = False) -> None:
        self.name = "kannel-spool" if spool else "kannel"
        self._spool = spool
        self._kannel: Kannel | None = None
        self._receiver_port: int | None = None

    @staticmethod
    def missing() -> str | None:
        absent = [program for program in PROGRAMS if find(program) is None]
        return f"{' and '.join(absent)} not installed (Debian's package kannel)" if absent else None

    def start(self, directory: Path, links: Links) -> None:
        self._receiver_port = links.receiver_port
        self._kannel = Kannel(
            directory, smsc_port=links.carrier_port, binds=links.binds, window=links.window, spool=self._spool,
            fastest=True,
        )  # fmt: skip
        try:
            self._kannel.start()
        except KannelError as error:
            raise GatewayError(str(error)) from None

    def requests(self, case: Case) -> Settings:
        assert self._kannel is not None
        parameters = {"username": USERNAME, "password": PASSWORD, "from": SENDER, "text": TEXT}
        if self._receiver_port is not None:
            # %d is the status; %p and %P are the two addresses, which make the URL of each report unique
            url = f"http://127.0.0.1:{self._receiver_port}/report?status=%d&a=%p&b=%P"
            parameters |= {"dlr-mask": str(DLR_SENT_AND_FINAL), "dlr-url": url}
        return sendsms(self._kannel.url, parameters)

    def parts(self) -> list[Part]:
        assert self._kannel is not None
        return [Part(name, pid) for name, pid in self._kannel.pids.items()]

    def stop(self) -> None:
        if self._kannel is not None:
            self._kannel.stop()
            self._kannel = None
