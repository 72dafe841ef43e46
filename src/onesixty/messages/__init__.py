"""Messages: the one way in (intake), what becomes of them (recorder, receipts, sweep) and what people ask."""
