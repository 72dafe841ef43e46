"""Plays a scenario faster than real time."""
