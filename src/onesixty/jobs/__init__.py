"""Work on many messages at once: cancel, requeue, reroute."""
