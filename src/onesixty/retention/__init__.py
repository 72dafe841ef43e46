"""Retention: deletes old data, and defines what is never deleted."""

from onesixty.retention.keeper import Keep, Keeper

__all__ = ["Keep", "Keeper"]
