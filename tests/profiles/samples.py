"""Small files of each kind, and one account that uploads them."""

from __future__ import annotations

import zlib
from typing import Any

from tests.doors.office import Office
from tests.http.asgi import Client, Reply

PDF = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 0 /Kids [] >>\n"
    b"endobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R /Size 3 >>\nstartxref\n104\n%%EOF\n"
)
#: 1 by 1, grey. The data of its scan holds a stuffed FF and a restart marker.
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
    b"\xff\xda\x00\x08\x01\x01\x00\x00?\x00\xd2\xcf\xff\x00\x20\xff\xd0\x11\xff\xd9"
)


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def png(text: bytes = b"") -> bytes:
    """1 by 1, grey, with a text in it."""
    head = chunk(b"IHDR", b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00")
    note = chunk(b"tEXt", b"Comment\x00" + text) if text else b""
    return (
        b"\x89PNG\r\n\x1a\n" + head + note + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")
    )


PROFILE = {
    "legal_name": "Example Shop GmbH", "registration_number": "HRB 12345", "tax_id": "DE123456789",
    "street": "Hauptstr. 1", "postal_code": "10115", "city": "Berlin", "country": "DE",
    "website": "https://shop.example.com", "contact_name": "Ada Example", "contact_email": "ada@shop.example.com",
    "contact_phone": "+493012345678",
}  # fmt: skip


async def upload(
    client: Client, content: bytes, name: str = "register.pdf", type_: str = "application/pdf", more: str = "",
    **options: Any,
) -> Reply:  # fmt: skip
    headers = {"content-type": type_} | options.pop("headers", {})
    path = f"/v1/documents?name={name}{more}"
    return await client.request("POST", path, raw=content, headers=headers, **options)


async def customer(office: Office, name: str = "Customer") -> tuple[str, Client, Client]:
    """The id of a new account, a client with its live key, and one with its test key."""
    made = (await office.client().post("/v1/accounts", {"name": name, "price_per_segment": "0.5"})).json
    return made["id"], office.client(made["keys"][0]["secret"]), office.client(made["keys"][1]["secret"])
