"""What operators paused, drained or probe: the network desk."""
