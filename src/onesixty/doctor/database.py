"""Checks of the database: its version and settings, the clock beside it, backups, the leases of nodes, retention."""

from __future__ import annotations

from typing import Final

from onesixty.core import ids
from onesixty.doctor.checks import (
    ERROR,
    OK,
    SKIPPED,
    WARNING,
    Finding,
    Installation,
    listed,
    span,
    store_of,
)
from onesixty.doctor.nodes import RUNNING, STOPPED, Nodes
from onesixty.retention.kinds import EVENTS, INBOUND, MESSAGES, days_of
from onesixty.retention.tables import RULES
from onesixty.store.opening import owned
from onesixty.store.urls import is_postgresql, sqlite_path

#: The oldest PostgreSQL that is supported, as `server_version_num` says it.
OLDEST_SERVER: Final = 130_000
#: The share of connections from which the server has few left.
NEARLY: Final = 0.9
#: Milliseconds by which the clocks may differ before it is a warning, and an error.
APART_MS: Final = 2_000
FAR_APART_MS: Final = 30_000
#: The age of a backup from which it is old, in ms.
OLD_BACKUP_MS: Final = 2 * 86_400_000
#: Starts within an hour that look as if a node kept failing.
MANY_STARTS: Final = 5
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
#: How far retention may be behind: rounds and pages take time, and messages of a plan have to end first.
BEHIND_DAYS: Final = 2


async def database(installation: Installation) -> Finding:
    """The version of the database, and the settings that durability depends on."""
    store = installation.store
    if store is None:
        return Finding(
            ERROR,
            "database_closed",
            f"The database cannot be opened: {installation.broken}",
            "Check ONESIXTY_DATABASE_URL and ONESIXTY_DATA_DIR, and that the server runs. `onesixty migrate` brings "
            "an older schema up to date.",
            {"error": installation.broken},
        )
    said: dict[str, str] = dict(await store.fetch("doctor_engine"))
    if store.dialect == "sqlite":
        return sqlite_finding(said)
    return postgresql_finding(said)


def sqlite_finding(said: dict[str, str]) -> Finding:
    """The finding for a SQLite file with these settings."""
    found = f"SQLite {said['version']}, journal mode {said['journal_mode']}."
    values = {"version": said["version"], "journal_mode": said["journal_mode"]}
    if said["journal_mode"] not in ("wal", "memory"):
        return Finding(
            ERROR,
            "sqlite",
            found,
            "The file must be on a disk that supports WAL: a local one, not a network share.",
            values,
        )
    return Finding(OK, "sqlite", found, None, values)


def postgresql_finding(said: dict[str, str]) -> Finding:
    """The finding for a PostgreSQL with these settings."""
    used, most = int(said["connections"]), int(said["max_connections"])
    found = f"PostgreSQL {said['server_version']}, {used} of {most} connections in use."
    values = {"version": said["server_version"], "used": used, "most": most}
    for name in ("fsync", "synchronous_commit"):
        if said[name] == "off":
            return Finding(
                ERROR,
                "postgresql_loses",
                f"{found} `{name}` is off: accepted messages can be lost.",
                f"Set `{name} = on` in postgresql.conf, and reload the server.",
                {**values, "setting": name},
            )
    if said["full_page_writes"] == "off":
        return Finding(
            WARNING,
            "postgresql_damages",
            f"{found} `full_page_writes` is off: a crash can damage the database.",
            "Set `full_page_writes = on`, unless the file system writes whole pages at once.",
            values,
        )
    if int(said["server_version_num"]) < OLDEST_SERVER:
        return Finding(ERROR, "postgresql", found, "Upgrade the server to PostgreSQL 13 or later.", values)
    if used >= most * NEARLY:
        return Finding(
            WARNING, "postgresql", found, "Raise `max_connections`, or let other programs use fewer.", values
        )
    return Finding(OK, "postgresql", found, None, values)


async def clock(installation: Installation) -> Finding:
    """The clock of this machine against that of the database."""
    store = store_of(installation)
    if isinstance(store, Finding):
        return store
    before = installation.clock.now_ms()
    ((at, mark),) = await store.fetch("doctor_clock", now=before)
    after = installation.clock.now_ms()
    if store.dialect == "postgresql":
        apart = max(before - at, at - after, 0)
        return clock_finding(apart, "server")
    committed = int(str(mark).partition(" ")[2] or 0) if mark else 0
    return clock_finding(max(0, committed - after), "commit")


#: What the clock is compared with.
OTHERS: Final = {"server": "the clock of the database server", "commit": "the newest commit in the database"}


def clock_finding(apart: int, other: str) -> Finding:
    """The finding for a clock that differs by so many milliseconds. `other` is a key of `OTHERS`."""
    if apart < APART_MS:
        return Finding(OK, "clock_agrees", f"The clock agrees with {OTHERS[other]}.", None, {"other": other})
    level = ERROR if apart >= FAR_APART_MS else WARNING
    return Finding(
        level,
        "clock_differs",
        f"The clock differs from {OTHERS[other]} by {span(apart / 1000)}.",
        "Let NTP set the clock: `timedatectl set-ntp true`. Scheduled times, validity and one-time passwords depend "
        "on it.",
        {"other": other, "apart_seconds": apart / 1000},
    )


async def backups(installation: Installation) -> Finding:
    """The age of the last backup."""
    store = store_of(installation)
    if isinstance(store, Finding):
        return store
    if store.dialect == "postgresql":
        said: dict[str, str] = dict(await store.fetch("doctor_engine"))
        return Finding(
            SKIPPED,
            "backup_own_tools",
            f"PostgreSQL is backed up with its own tools, which leave no note here (archive_mode is "
            f"{said['archive_mode']}).",
            "See that pg_basebackup or pg_dump runs, and try a restore: docs/how-to/back-up-and-restore.md.",
            {"archive_mode": said["archive_mode"]},
        )
    rows = await store.fetch("doctor_backup")
    return backup_finding(rows[0][0] if rows else None, installation.clock.now_ms())


def backup_finding(at: int | None, now: int) -> Finding:
    """The finding for the last backup at this time (epoch ms); None: there was none."""
    remedy = "Run `onesixty backup FOLDER` every day, and copy the folder to another machine."
    if at is None:
        return Finding(WARNING, "backup_none", "No backup by `onesixty backup` is known.", remedy)
    age = max(0, now - at) / 1000
    found = f"The last backup was made {span(age)} ago."
    if now - at >= OLD_BACKUP_MS:
        return Finding(WARNING, "backup_age", found, remedy, {"age_seconds": age})
    return Finding(OK, "backup_age", found, None, {"age_seconds": age})


async def leases(installation: Installation) -> Finding:
    """Which nodes run, whether one is gone without a stop, and whether one keeps starting again."""
    store, node = store_of(installation), installation.node
    if isinstance(store, Finding):
        return store
    if node is not None and not node.held():
        return Finding(
            ERROR,
            "lease_lost",
            "This node does not hold its lease, so it sends nothing.",
            "Look in its log for why the lease could not be renewed: the database was away, or the node stood still.",
        )
    now = installation.clock.now_ms()
    newest, _ = await Nodes(store, installation.clock).page(100, None)
    running = [one for one in newest if one.state == RUNNING]
    if node is None and store.dialect == "sqlite" and not _is_owned(installation):
        running = []
    started = sum(1 for one in newest if one.started_at > now - HOUR_MS)
    if started >= MANY_STARTS:
        return Finding(
            WARNING,
            "nodes_restart",
            f"Nodes started {started} times within an hour.",
            "Look in the log for what ends them.",
            {"starts": started},
        )
    gone = [one for one in newest if one.state not in (RUNNING, STOPPED)]
    if gone and running:
        return Finding(
            WARNING,
            "nodes_gone",
            f"{listed([one.name for one in gone])} went away without a stop; the others take over its work.",
            "Look whether the node and its machine are well.",
            {"count": len(gone), "nodes": [one.name for one in gone]},
        )
    if not running:
        return Finding(WARNING, "nodes_none", "No node runs.", "Start one: `onesixty serve`.")
    names = [one.name for one in running]
    return Finding(
        OK,
        "nodes_running",
        f"{len(names)} running: {listed(names)}.",
        None,
        {"count": len(names), "nodes": names},
    )


async def retention(installation: Installation) -> Finding:
    """Whether data past its time is deleted."""
    store = store_of(installation)
    if isinstance(store, Finding):
        return store
    settings = installation.settings
    rules = [days_of(settings, RULES.read(row)) for row in await store.fetch("retention_rule_all")]
    every = [days_of(settings, None), *rules]
    ((message, event),) = await store.fetch("doctor_oldest")
    now = installation.clock.now_ms()
    longest = {
        kind: 0 if any(days[kind] == 0 for days in every) else max(days[kind] for days in every)
        for kind in (MESSAGES, INBOUND, EVENTS)
    }
    of_messages = (
        0 if 0 in (longest[MESSAGES], longest[INBOUND]) else max(longest[MESSAGES], longest[INBOUND])
    )
    ages = {
        "message": (None if message is None else now - ids.made_at(message), of_messages),
        "event": (None if event is None else now - ids.made_at(event), longest[EVENTS]),
    }
    return retention_finding(ages)


def retention_finding(ages: dict[str, tuple[int | None, int]]) -> Finding:
    """The finding for the age in ms of the oldest row of each kind, and the days that the kind is kept; 0 is
    forever."""
    for what, (age, days) in ages.items():
        if age is not None and days and age > (days + BEHIND_DAYS) * DAY_MS:
            return Finding(
                WARNING,
                "retention_behind",
                f"The oldest {what} is {span(age / 1000)} old, but none is kept longer than {days} days.",
                "See that a node runs, and look in its log for `retention`. What is still needed stays: messages "
                "that have not ended, and events of deliveries that wait.",
                {"kind": what, "age_seconds": age / 1000, "kept_days": days},
            )
    parts = [f"{what}s {f'{days} days' if days else 'forever'}" for what, (_, days) in ages.items()]
    values = {f"{what}_days": days for what, (_, days) in ages.items()}
    return Finding(OK, "retention", f"Kept at most: {', '.join(parts)}.", None, values)


def _is_owned(installation: Installation) -> bool:
    """Whether a process runs on the SQLite file."""
    url = installation.settings.effective_database_url
    return not is_postgresql(url) and owned(sqlite_path(url))
