"""A network that leads nowhere, for nodes whose carriers are not to connect."""

from typing import Any


class NoNet:
    """Refuses to connect and to listen."""

    async def connect(self, *_: object, **__: object) -> Any:
        raise OSError("there is no network")

    async def listen(self, *_: object, **__: object) -> Any:
        raise OSError("there is no network")
