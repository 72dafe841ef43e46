"""The list of all checks, in the order in which they are shown. A new check is a function and a line here."""

from __future__ import annotations

from typing import Final

from onesixty.doctor import database, machine, reach, traffic
from onesixty.doctor.checks import Check

CHECKS: Final = (
    Check("disk", "Free space for the data directory.", machine.disk),
    Check("fsync", "How long the disk takes to make a write durable.", machine.fsync, costs=True),
    Check("open_files", "The limit of open files, and so of connections.", machine.open_files),
    Check("ports", "The addresses to listen on.", machine.ports),
    Check("secret", "The file of the instance secret, and who may read it.", machine.secret),
    Check("clock", "The clock against that of the database.", database.clock),
    Check("database", "The version and the settings of the database.", database.database),
    Check("backups", "The age of the last backup.", database.backups),
    Check("leases", "Which nodes run.", database.leases),
    Check("retention", "Whether data past its time is deleted.", database.retention),
    Check("public_url", "Whether the public URL leads here.", reach.public_url, costs=True),
    Check(
        "public_certificate",
        "When the certificate of the public URL ends.",
        reach.public_certificate,
        costs=True,
    ),
    Check("smpp_certificate", "When the certificate of SMPP over TLS ends.", reach.smpp_certificate),
    Check("mail_server", "Whether the mail server can be used.", reach.mail_server, costs=True),
    Check("carriers", "Whether the carriers are connected.", traffic.carriers),
    Check("webhooks", "Whether webhooks fail, in all accounts.", traffic.webhooks),
)
