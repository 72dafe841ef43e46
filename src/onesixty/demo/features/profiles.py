"""Business profiles: one is verified, one is in review with its documents, one was rejected, one waits."""

from __future__ import annotations

from typing import Any, Final

from onesixty.demo.week import Week

_PROFILES: Final[dict[str, dict[str, str]]] = {
    "lumo": {
        "legal_name": "Lumo Delivery GmbH", "registration_number": "HRB 90160", "tax_id": "DE000000160",
        "street": "Speicherstr. 16", "postal_code": "20457", "city": "Hamburg", "country": "DE",
        "website": "https://lumo.example", "contact_name": "Jonas Weber", "contact_email": "jonas@lumo.example",
    },
    "fernhill": {
        "legal_name": "Fernhill Clinics Ltd", "registration_number": "01600160", "street": "16 Station Road",
        "postal_code": "BS1 0AA", "city": "Bristol", "country": "GB", "website": "https://fernhill.example",
        "contact_name": "Imogen Hale", "contact_email": "imogen@fernhill.example",
    },
    "saffron": {
        "legal_name": "Saffron Market Pvt Ltd", "registration_number": "U00000KA2026", "street": "160 Lake Road",
        "city": "Bengaluru", "country": "IN", "contact_name": "Priya Raman", "contact_email": "priya@saffron.example",
    },
    "quarry": {
        "legal_name": "Quarry Games", "registration_number": "unknown", "street": "ul. Polna 16",
        "city": "Kraków", "country": "PL", "contact_email": "studio@quarry.example",
    },
}  # fmt: skip


def plan(week: Week) -> None:
    """Customers submit their profiles before the week and in it. Operators decide, or look at them."""
    week.at(-5, 12.0, lambda: _submit(week, "lumo"))
    week.at(
        -4,
        9.5,
        lambda: _decide(week, "lumo", {"decision": "verify", "expires_at": week.text(week.days + 700, 0)}),
    )
    week.at(2, 13.0, lambda: _submit(week, "quarry"))
    week.at(3, 10.0, lambda: _decide(week, "quarry", {
        "decision": "reject",
        "reasons": ["The registration number is missing.", "The document cannot be read."],
    }))  # fmt: skip
    week.at(5, 11.0, lambda: _submit(week, "saffron"))
    week.at(6, 9.5, lambda: _decide(week, "saffron", {"decision": "review"}))
    week.at(6, 15.0, lambda: _submit(week, "fernhill"))


async def _submit(week: Week, customer: str) -> None:
    account, client = week.cast.customers[customer].id, week.client(customer)
    await client.patch(f"/v1/profiles/{account}", _PROFILES[customer])
    for name, kind in (("register extract.pdf", "registration"), ("tax certificate.pdf", "tax")):
        path = f"/v1/documents?name={name.replace(' ', '%20')}&kind={kind}"
        title = f"{_PROFILES[customer]['legal_name']}: {name.removesuffix('.pdf')}"
        await client.upload(path, pdf(title), "application/pdf")
    await client.post(f"/v1/profiles/{account}/submit", {})


async def _decide(week: Week, customer: str, decision: dict[str, Any]) -> None:
    account = week.cast.customers[customer].id
    await week.api.post(f"/v1/profiles/{account}/decide", decision)


def pdf(title: str) -> bytes:
    """A page with one line, as a PDF."""
    line = title.encode("latin-1", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    text = b"BT /F1 18 Tf 60 760 Td (" + line + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)
