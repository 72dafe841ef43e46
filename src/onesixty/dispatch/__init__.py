"""Dispatch: lanes of what is due now, one for each carrier; pacing, flights, outcomes, breaker, recovery."""
