"""Kannel (Debian's package) as the gateway that onesixty is measured against."""
