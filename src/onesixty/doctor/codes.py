"""What a check can find: the codes, and the names of the values that each has. Clients make their own words of them.

Rules kept here: a code or a name that is here is never renamed. A new code is new for every client, which then shows
the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "not_run": (),
    "timed_out": ("limit_seconds",),
    "failed": ("error",),
    "database_unreadable": (),
    "disk_unreadable": ("folder", "error"),
    "disk_space": ("free_bytes", "total_bytes", "folder"),
    "disk_space_and_database": ("free_bytes", "total_bytes", "folder", "database_bytes"),
    "folder_unwritable": ("folder", "error"),
    "fsync_time": ("median_ms", "longest_ms", "writes", "folder"),
    "open_files_unlimited": (),
    "open_files_limit": ("limit",),
    "open_files_used": ("limit", "used"),
    "open_files_few": ("limit", "connections", "wanted"),
    "port_taken": ("address", "error"),
    "ports": ("addresses",),
    "listening": ("addresses",),
    "listening_unencrypted": ("addresses", "address"),
    "secret_given": (),
    "secret_missing": ("path",),
    "secret_invalid": ("error",),
    "secret_unreadable": ("path", "error"),
    "secret_shared": ("path", "mode"),
    "secret_private": ("path",),
    "database_closed": ("error",),
    "sqlite": ("version", "journal_mode"),
    "postgresql": ("version", "used", "most"),
    "postgresql_loses": ("version", "used", "most", "setting"),
    "postgresql_damages": ("version", "used", "most"),
    "clock_agrees": ("other",),
    "clock_differs": ("other", "apart_seconds"),
    "backup_own_tools": ("archive_mode",),
    "backup_none": (),
    "backup_age": ("age_seconds",),
    "lease_lost": (),
    "nodes_restart": ("starts",),
    "nodes_gone": ("count", "nodes"),
    "nodes_none": (),
    "nodes_running": ("count", "nodes"),
    "retention_behind": ("kind", "age_seconds", "kept_days"),
    "retention": ("message_days", "event_days"),
    "public_url_unset": ("url",),
    "public_url_silent": ("url", "error"),
    "public_url_foreign": ("url", "status"),
    "public_url_unencrypted": ("url",),
    "public_url_answers": ("url",),
    "public_url_not_https": (),
    "smpp_tls_off": (),
    "certificate_invalid": ("error",),
    "certificate_ended": ("name", "ends_at"),
    "certificate_ends_soon": ("name", "ends_at", "left_seconds"),
    "certificate_ends": ("name", "ends_at"),
    "mail_unset": (),
    "mail_refuses": ("server", "error"),
    "mail_answers": ("server",),
    "carriers_disabled": (),
    "carriers_enabled": ("count", "carriers"),
    "carriers_none": (),
    "carriers_down": ("down", "all", "carriers"),
    "carriers_partly": ("carriers",),
    "carriers_connected": ("count", "carriers"),
    "webhooks_well": (),
    "webhooks_failing": ("count", "webhooks"),
}

#: What stands in a list of values, by its `state`: an address, a carrier, a webhook.
ITEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "in_use": ("address",),
    "free": ("address",),
    "down": ("name",),
    "down_with": ("name", "error"),
    "partly": ("name", "bound", "binds"),
    "failing": ("webhook", "account", "for_seconds"),
    "paused": ("webhook", "account", "for_seconds"),
    "disabled": ("webhook", "account", "reason"),
}
