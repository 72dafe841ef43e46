"""An SMTP server that keeps the mails it takes."""

from __future__ import annotations

import asyncio


class SmtpServer:
    """Takes mails, or refuses each recipient with `refusal` (RFC 5321: reply lines), or some with those of
    `refused`."""

    def __init__(self) -> None:
        self.refusal = ""
        self.refused: dict[str, str] = {}
        self.mails: list[str] = []
        self.heard: list[str] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 test")
        while line := (await reader.readline()).decode().rstrip():
            verb = line.split()[0].upper()
            self.heard.append(verb)
            if verb == "QUIT":
                say("221 bye")
                break
            refusal = next((said for address, said in self.refused.items() if f"<{address}>" in line), "")
            if verb == "RCPT" and (self.refusal or refusal):
                say(self.refusal or refusal)
            elif verb == "DATA":
                say("354 go on")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                say("250 taken")
            else:
                say("250 fine")
        await writer.drain()
        writer.close()
