"""`onesixty tail`: the live feed of a running server, line by line. It survives restarts of the server."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from onesixty.cli.client import ApiKey, Client, Refused, Unreachable, Url, connect, default_url, status_of
from onesixty.cli.console import UNREACHABLE, fail, say

#: Seconds between two tries to connect; the last one repeats.
_PAUSES: Final = (0.5, 1.0, 2.0, 5.0)
#: How many events are remembered, so that an event that a resumed feed repeats is shown once.
_REMEMBERED: Final = 50_000


def tail(
    types: Annotated[
        str | None, typer.Option("--types", help="Only these event types, separated by commas.")
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", help="Start after this event (evt_...) instead of now.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=1, help="Stop after this number of events.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per line, as webhooks get it.")
    ] = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Show events as they happen, until Ctrl-C.

    If the server becomes unreachable, the command waits for it and continues where it stopped.
    """
    shown: dict[str, None] = {}
    events = failures = 0
    told = as_json  # programs do not need the line that says that the feed is open

    def opened() -> None:
        nonlocal told
        if not told:
            sys.stderr.write(f"onesixty: live events of {url or default_url()}; stop with Ctrl-C\n")
            told = True

    while True:
        client = connect(url, key)
        try:
            for event_id, body in _events(client, types, after, opened):
                failures = 0
                after = event_id
                if event_id in shown:
                    continue
                shown[event_id] = None
                if len(shown) > _REMEMBERED:
                    del shown[next(iter(shown))]
                say(body if as_json else _line(json.loads(body)))
                events += 1
                if events == count:
                    return
        except Refused as error:
            if not error.retryable:
                fail(str(error), status_of(error))
        except Unreachable as error:
            if not shown and not failures:
                fail(str(error), UNREACHABLE)
        except KeyboardInterrupt:
            return
        finally:
            client.close()
        time.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
        failures += 1


def _events(
    client: Client, types: str | None, after: str | None, opened: Callable[[], None]
) -> Iterator[tuple[str, str]]:
    """Yield (id, body) of each event of one connection; ends when the server ends it. Raises Refused or Unreachable.

    `opened` is called when the feed is open: events from then on are shown.
    """
    path = "/v1/events" + (f"?types={quote(types)}" if types else "")
    headers = {"Last-Event-ID": after} if after else {}
    event_id, data = "", ""
    try:
        for line in client.stream(path, headers):
            name, _, value = line.partition(": ")
            if name == "id":
                event_id = value
            elif name == "retry":  # the first line of a feed
                opened()
            elif name == "data":
                data = value
            # an empty line completes an event: a connection may end in the middle of one
            elif not line and data:
                yield event_id, data
                data = ""
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(str(error) or type(error).__name__) from None


def _line(event: dict[str, Any]) -> str:
    """Return an event as a line for a person: time and type; for a message its id, numbers and error; for an alert
    its rule and its subject, such as a carrier. (Events of messages name neither carrier nor route; their history
    does.)"""
    data = event["data"]
    parts = [event["created_at"], f"{event['type']:<20}"]
    if "to" in data:
        parts += [data["id"], f"{data['from']} > {data['to']}"]
        if data.get("error"):
            parts.append(f"{data['error']['code']}")
    elif "rule" in data:
        parts += [data["rule"], data["subject"]]
    return "  ".join(str(part) for part in parts)
