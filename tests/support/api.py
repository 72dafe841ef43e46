"""The HTTP API of a running product as a test sees it: requests with a key, answers with status and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from onesixty.core.statuses import TERMINAL
from tests.support.waiting import wait_until_async

PAGE = 100


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: dict[str, str]  # names in lower case
    json: Any

    @property
    def id(self) -> str:
        return str(self.json["id"])

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.json["code"])


class Api:
    """A client with one key, from `async with` to its end. What cannot be reached raises aiohttp.ClientError."""

    def __init__(self, url: str, key: str, timeout: float = 30.0) -> None:
        self.url = url
        self.key = key
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()
        self._session = None

    async def call(
        self, method: str, path: str, json: Any = None, *, headers: dict[str, str] | None = None
    ) -> Reply:
        """Any request."""
        assert self._session is not None
        sent = {"Authorization": f"Bearer {self.key}"} | (headers or {})
        async with self._session.request(method, self.url + path, json=json, headers=sent) as answer:
            body = await answer.json(content_type=None) if answer.status != 204 else None
            return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, body)

    async def ask(self, method: str, path: str, json: Any = None) -> Any:
        """The JSON of a request that has to succeed."""
        reply = await self.call(method, path, json)
        assert 200 <= reply.status < 300, f"{method} {path}: {reply}"
        return reply.json

    async def send(
        self, to: str, text: str = "Hello", *, sender: str = "Shop", idempotency_key: str | None = None,
        **fields: object,
    ) -> Reply:  # fmt: skip
        """POST /v1/sms/send; `class_` is the field `class`."""
        body = {"from": sender, "to": to, "text": text} | {k.rstrip("_"): v for k, v in fields.items()}
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return await self.call("POST", "/v1/sms/send", body, headers=headers)

    async def accepted(self, to: str, text: str = "Hello", **fields: Any) -> str:
        """The id of a message that has to be accepted."""
        reply = await self.send(to, text, **fields)
        assert reply.status == 202, reply
        return reply.id

    async def message(self, message_id: str) -> Any:
        """A message as it is now."""
        return await self.ask("GET", f"/v1/messages/{message_id}")

    async def messages(self) -> list[Any]:
        """All messages of the account and mode, newest first."""
        found: list[Any] = []
        after = ""
        while True:
            page = await self.ask("GET", f"/v1/messages?limit={PAGE}{after}")
            found += page["data"]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    async def statuses(self) -> dict[str, str]:
        """The status of every message by id."""
        return {message["id"]: message["status"] for message in await self.messages()}

    async def ended(self, message_ids: Sequence[str], timeout: float = 20.0) -> dict[str, Any]:
        """These messages by id, once every one of them has reached its end."""

        async def all_ended() -> dict[str, Any] | None:
            found = {m["id"]: m for m in await self.messages()}
            missing = set(message_ids) - found.keys()
            assert not missing, f"accepted and not there: {missing}"
            mine = {id_: found[id_] for id_ in message_ids}
            return mine if all(m["status"] in TERMINAL for m in mine.values()) else None

        return await wait_until_async(all_ended, timeout, "the end of every message") or {}

    async def until(self, message_id: str, *statuses: str, timeout: float = 20.0) -> Any:
        """The message, once it has one of these statuses."""

        async def there() -> Any:
            message = await self.message(message_id)
            return message if message["status"] in statuses else None

        return await wait_until_async(there, timeout, f"{message_id} being {' or '.join(statuses)}")

    async def events(self, message_id: str) -> list[Any]:
        """The events in a message's history, oldest first."""
        history = await self.ask("GET", f"/v1/messages/{message_id}/history")
        return sorted(
            (entry for entry in history["data"] if "sequence" in entry), key=lambda entry: entry["sequence"]
        )

    async def metrics(self, name: str) -> float:
        """The sum of all samples of a metric."""
        assert self._session is not None
        async with self._session.get(f"{self.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name} ", f"{name}{{"))
        )
