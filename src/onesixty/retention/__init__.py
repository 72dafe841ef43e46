"""Retention: what is removed when it is old enough, and what never is."""

from onesixty.retention.keeper import Keep, Keeper

__all__ = ["Keep", "Keeper"]
