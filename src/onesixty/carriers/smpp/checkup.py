"""`onesixty carrier check` over SMPP: connects, binds, measures, and explains what works and what to do.

It makes binds of its own, of the kinds that the settings name, and leaves the binds of the platform alone. What
the SMSC delivers over them stays with the SMSC (see `probe`), except for the receipt of the check's own message.
Nothing is sent to a handset unless `to` is given.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from statistics import median
from typing import Final

from onesixty.carriers.smpp.bind_words import refusal, spell, stranger
from onesixty.carriers.smpp.probe import Ended, Probe
from onesixty.carriers.smpp.settings import VERSIONS, SmppSettings
from onesixty.carriers.smpp.trial import Trial
from onesixty.core.clock import Clock
from onesixty.core.contracts import CheckOptions, Finding
from onesixty.smpp import constants as c
from onesixty.smpp import states, tlv
from onesixty.smpp.client import BIND_COMMAND_OF
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.network import reason_of
from onesixty.smpp.pdu import Pdu

#: How often the round trip of enquire_link is measured.
ROUNDS: Final = 5
#: The most requests that the test of the window sends at once.
MOST: Final = 200
#: A certificate that ends within this many days gives a warning.
SOON: Final = 21


class Checkup:
    """One check. Call `run` once."""

    def __init__(self, settings: SmppSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._findings: list[Finding] = []
        self._round_trip = 0.0
        #: The present step, one of `STEPS`.
        self._step = "address"

    async def run(self, options: CheckOptions) -> list[Finding]:
        """Return the findings, in the order of the steps. Never raises."""
        probes: list[Probe] = []
        try:
            await self._run(options, probes)
        except Ended as ended:
            self._say("error", f"During the check: {_lost(ended)}")
        except Exception as error:
            self._say("error", f"The check was aborted: {error or type(error).__name__}.")
        finally:
            self._step = "leave"
            await asyncio.gather(*(self._leave(probe) for probe in probes))
        return self._findings

    async def _run(self, options: CheckOptions, probes: list[Probe]) -> None:
        kinds = [self._settings.bind] + (["receiver"] if self._settings.receivers else [])
        for kind in kinds:
            probe = await self._reach()
            if probe is None:
                return
            probes.append(probe)
            if not await self._bind(probe, kind):
                return
        self._binds_of_the_platform(len(kinds))
        self._step = "alive"
        for probe in probes:
            if not await self._enquire(probe):
                return
        self._step = "rate"
        self._throughput()
        self._step = "message"
        if self._settings.bind == "receiver":
            self._say("note", "This bind can only receive, so it cannot send the message.")
            return
        if options.window:
            self._step = "window"
            await self._window(probes[0])
            self._step = "message"
        if options.to is not None:
            trial = Trial(self._settings, self._clock, probes, self._say)
            await trial.run(options)

    # ------------------------------------------------------------ to the port

    async def _reach(self) -> Probe | None:
        settings = self._settings
        probe = Probe(settings, self._clock.monotonic)
        first = not self._findings
        self._step = "address"
        began = self._clock.monotonic()
        try:
            addresses = await probe.resolve()
        except OSError as error:
            self._say(
                "error",
                f"The name {settings.host} was not found: {reason_of(error)}. Check `host` and the DNS.",
            )
            return None
        if first and addresses != [settings.host]:
            took = self._clock.monotonic() - began
            known = f"{settings.host} resolves to {', '.join(addresses)} ({spell(took)})."
            self._say("ok", known, dns_s=took, addresses=" ".join(addresses))
        self._step = "connect"
        failures: list[str] = []
        for address in addresses:
            try:
                took = await probe.connect(address)
            except OSError as error:
                failures.append(f"{address} port {settings.port}: {_unreachable(error, settings)}")
                continue
            break
        else:
            for failure in failures:
                self._say("error", failure)
            return None
        for failure in failures if first else ():
            self._say("warning", failure)  # another address of the same name answers
        if first:
            self._say("ok", f"TCP to {address} port {settings.port} in {spell(took)}.", tcp_s=took)
        if settings.tls and not await self._tls(probe, first):
            await probe.close()
            return None
        if first and not settings.tls:
            self._step = "tls"
            self._say("note", "No TLS: the password and all messages are sent unencrypted.")
        probe.start()
        return probe

    async def _tls(self, probe: Probe, first: bool) -> bool:
        self._step = "tls"
        try:
            took = await probe.start_tls()
        except ssl.SSLCertVerificationError as error:
            self._say(
                "error",
                f"The carrier's certificate is not trusted: {error.verify_message}. If it is "
                "correct, set `tls_ca_file` to its authority, or `tls_server_name` to its name.",
            )
            return False
        except (OSError, ssl.SSLError) as error:
            self._say(
                "error",
                f"No TLS on this port ({reason_of(error)}). The port may speak plain SMPP (`tls` false), "
                "TLS may be on another port, or the carrier requires a client certificate "
                "(`tls_cert_file`).",
            )
            return False
        if first:
            self._say("ok", f"{probe.tls_version} in {spell(took)}.", tls_s=took, tls=probe.tls_version)
            self._certificate(probe)
        return True

    def _certificate(self, probe: Probe) -> None:
        if not self._settings.tls_verify:
            self._say("warning", "`tls_verify` is off: anyone could impersonate the carrier.")
        until = probe.certificate.get("notAfter")
        if isinstance(until, str):
            end = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
            days = (end - datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)).days
            self._say("ok" if days > SOON else "warning", f"Its certificate is valid for {days} more days.")

    # ------------------------------------------------------------ the bind

    async def _bind(self, probe: Probe, kind: str) -> bool:
        self._step = "sign_in"
        settings = self._settings
        fields: dict[str, FieldValue] = {
            "system_id": settings.system_id,
            "password": settings.password,
            "system_type": settings.system_type,
            "interface_version": VERSIONS[settings.interface_version],
            "addr_ton": settings.addr_ton,
            "addr_npi": settings.addr_npi,
            "address_range": settings.address_range,
        }
        try:
            answer, took = await probe.ask(BIND_COMMAND_OF[kind], fields, timeout=settings.bind_timeout_s)
        except TimeoutError:
            self._say(
                "error",
                f"The port accepts connections, but the bind got no answer in {settings.bind_timeout_s:g} s. "
                + ("" if settings.tls else "If the carrier uses TLS on this port, set `tls`. ")
                + "Otherwise the SMSC is overloaded, or the port does not speak SMPP.",
            )
            return False
        except Ended as ended:
            self._say("error", stranger(ended.first) if ended.first else _hung_up(ended))
            return False
        if answer.command_status != c.ESME_ROK:
            self._say(
                "error",
                f"The bind as {kind} was refused with {refusal(answer.command_status)}",
                command_status=c.status_name(answer.command_status),
            )
            return False
        probe.bound = True
        self._bound(answer, kind, took)
        return True

    def _bound(self, answer: Pdu, kind: str, took: float) -> None:
        told = answer.tlv_int(tlv.SC_INTERFACE_VERSION)
        version = states.negotiated(VERSIONS[self._settings.interface_version], told or 0)
        name = answer.text("system_id")
        self._say(
            "ok",
            f"Bound as {kind} in {spell(took)}. The SMSC calls itself {name!r} and "
            + ("reports no version (3.4 is assumed)." if told is None else f"speaks {c.version_name(told)}."),
            bind_s=took,
            smsc=name,
            interface_version=c.version_name(version),
        )
        if told is not None and c.version_name(version) != self._settings.interface_version:
            self._say("note", f"Both sides speak SMPP {c.version_name(version)}, which is used.")
        load = answer.tlv_int(tlv.CONGESTION_STATE)
        if load is not None and load >= c.CONGESTION_NEAR:
            self._say("warning", f"The SMSC reports that it is nearly full (congestion_state {load}).")

    def _binds_of_the_platform(self, made: int) -> None:
        settings = self._settings
        wanted = settings.binds + settings.receivers
        self._say(
            "note",
            f"This check holds {made} binds in addition to the {wanted} that `binds` and "
            "`receivers` configure. A carrier that allows no more refuses one of them while the "
            "check runs.",
        )

    # ------------------------------------------------------------ measuring

    async def _enquire(self, probe: Probe) -> bool:
        times: list[float] = []
        patience = min(self._settings.enquire_link_s, self._settings.response_timeout_s)
        for _ in range(ROUNDS):
            try:
                answer, took = await probe.ask(c.ENQUIRE_LINK, timeout=patience)
            except TimeoutError:
                self._say(
                    "error",
                    f"enquire_link got no answer in {patience:g} s. The platform would treat the "
                    "link as dead and rebind again and again: ask the carrier, or set "
                    "`enquire_link_s` longer than links are idle.",
                )
                return False
            except Ended as ended:
                self._say("error", f"During enquire_link: {_lost(ended)}")
                return False
            if answer.command_status != c.ESME_ROK:
                status = c.status_name(answer.command_status)
                self._say("warning", f"enquire_link was answered with {status}; this counts as alive.")
            times.append(took)
        self._round_trip = median(times)
        self._say(
            "ok",
            f"enquire_link is answered in {spell(self._round_trip)} ({spell(min(times))} to "
            f"{spell(max(times))}).",
            round_trip_s=self._round_trip,
        )
        return True

    def _throughput(self) -> None:
        """Report the greatest possible throughput: binds x window / round trip, whatever the contract allows."""
        settings = self._settings
        if settings.bind == "receiver":
            return
        most = settings.binds * settings.window / max(self._round_trip, 0.001)
        self._say(
            "note",
            f"With this round trip, {settings.binds} x window {settings.window} can carry at most "
            f"about {_few(most)} segments a second, less the time that the SMSC needs to answer a "
            "submit_sm.",
            most_per_second=most,
        )
        if 0 < most < settings.throughput:
            limit = f"`throughput` {settings.throughput:g}"
            self._say("warning", f"{limit} exceeds that: raise `window` or `binds`.")

    async def _window(self, probe: Probe) -> None:
        """Send as many query_sm at once as the window allows. They ask for a message that does not exist."""
        count = min(self._settings.window, MOST)
        fields: dict[str, FieldValue] = {"message_id": "0"}
        began = self._clock.monotonic()
        answers = [probe.send(c.QUERY_SM, fields) for _ in range(count)]
        await asyncio.wait(answers, timeout=self._settings.response_timeout_s)
        took = self._clock.monotonic() - began
        done = [future.result() for future in answers if future.done() and future.exception() is None]
        refused = sum(pdu.command_status in (c.ESME_RTHROTTLED, c.ESME_RMSGQFUL) for pdu in done)
        sent = f"{count} requests at once"
        if len(done) < count and all(future.done() for future in answers):
            self._say(
                "error",
                f"The SMSC closed the connection after {len(done)} of {sent} answers: lower `window`.",
            )
        elif len(done) < count:
            self._say("warning", f"{count - len(done)} of {sent} got no answer: lower `window`.")
        elif refused:
            honoured = count - refused
            self._say(
                "warning", f"{refused} of {sent} were throttled: the SMSC supports `window` {honoured}."
            )
        else:
            self._say("ok", f"All {sent} were answered, in {spell(took)}.", window=count)

    # ------------------------------------------------------------ the end

    async def _leave(self, probe: Probe) -> None:
        try:
            if probe.bound:
                await probe.ask(c.UNBIND, timeout=5)
        except TimeoutError:
            self._say("note", "unbind got no answer.")
        except Ended:
            # reported already, or the SMSC closed the connection instead of answering: the check is over in
            # both cases
            pass
        await probe.close()
        if probe.faults:
            often = "once" if len(probe.faults) == 1 else f"{len(probe.faults)} times, first"
            self._say("warning", f"The SMSC violated SMPP {often}: {probe.faults[0]}.")
        if probe.left_alone:
            self._say(
                "note",
                f"{probe.left_alone} deliveries arrived on the bind of the check and were not "
                "accepted (ESME_RX_T_APPN); the SMSC will deliver them again.",
            )

    def _say(self, level: str, what: str, **facts: float | str) -> None:
        self._findings.append(Finding(level, what, facts or None, self._step))


def _few(number: float) -> str:
    return f"{number:,.0f}" if number < 1000 else f"{round(number, -2):,.0f}"


def _unreachable(error: OSError, settings: SmppSettings) -> str:
    if isinstance(error, TimeoutError):
        return (
            f"no answer in {settings.bind_timeout_s:g} s. A firewall drops the packets: ask the "
            "carrier whether the public address of this machine is allowed, and check your own "
            "firewall."
        )
    if isinstance(error, ConnectionRefusedError):
        return "connection refused: nothing listens there. Check `port`."
    if isinstance(error, ConnectionResetError):
        return "the connection was reset at once: the address is probably not allowed."
    if settings.source_ip and isinstance(error, OSError) and "assign" in str(error):
        return f"`source_ip` {settings.source_ip} is not an address of this machine."
    return f"{reason_of(error)}."


def _hung_up(ended: Ended) -> str:
    return (
        f"The bind got no answer: {ended}. Many carriers do this when an address is not allowed: "
        "tell them the public address of this machine. Others do it for a wrong system_id, or "
        "because they expect TLS (`tls`, `tls_cert_file`)."
    )


def _lost(ended: Ended) -> str:
    return stranger(ended.first) if ended.first else f"{ended}."
