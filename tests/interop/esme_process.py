"""A foreign customer as a process (node/esme.js, perl/esme.pl): commands in and events out as JSON, one a line."""

import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.interop.shop import PATIENCE, Customer, Shop
from tests.support.waiting import wait_until

UDHI = 0x40
RECEIPT = 0x04


class EsmeProcess:
    """A bound customer. `events` has everything it told, oldest first."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.events: list[dict[str, Any]] = []
        self._process = process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def of(self, event: str) -> list[dict[str, Any]]:
        """The events of one name."""
        return [one for one in self.events if one["event"] == event]

    def tell(self, command: str, tag: str = "", **pdu: Any) -> None:
        """Have it send a request."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, "tag": tag, "pdu": pdu}) + "\n")
        self._process.stdin.flush()

    def ask(self, command: str, tag: str, **pdu: Any) -> dict[str, Any]:
        """Have it send a request and wait for the answer."""
        self.tell(command, tag, **pdu)
        return wait_until(lambda: self.answer(tag), PATIENCE, f"the answer to {command} {tag}") or {}

    def answer(self, tag: str) -> dict[str, Any] | None:
        """The answer to a request so far."""
        return next((one for one in self.of("answer") if one["tag"] == tag), None)

    def receipts(self) -> dict[str, dict[str, Any]]:
        """The receipts so far by id."""
        return {
            one["receipted_message_id"]: one for one in self.of("deliver_sm") if one["esm_class"] & RECEIPT
        }

    def incoming(self) -> list[dict[str, Any]]:
        """The messages from handsets so far."""
        return [one for one in self.of("deliver_sm") if not one["esm_class"] & RECEIPT]

    def unbind(self) -> None:
        """Unbind and wait until the process has ended, without an error."""
        self.tell("unbind", "unbind")
        assert self._process.wait(PATIENCE) == 0
        self._reader.join(PATIENCE)
        assert self.of("closed")
        assert not self.of("error")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.events.append(json.loads(line))


@contextmanager
def bound(
    command: Sequence[str], shop: Shop, customer: Customer, *more: str, cwd: Path
) -> Iterator[EsmeProcess]:
    """Start a customer and wait until it is bound; it is ended in any case."""
    arguments = [*command, str(shop.port), customer.system_id, customer.password, *more]
    process = subprocess.Popen(arguments, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        esme = EsmeProcess(process)
        answer = wait_until(lambda: esme.of("bound"), PATIENCE, "the bind")[0]
        assert answer["status"] == 0, answer
        yield esme
    finally:
        process.kill()
        process.wait()
        esme._reader.join(PATIENCE)
        process.stdin.close()
        process.stdout.close()
