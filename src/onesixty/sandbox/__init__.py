"""The endpoints of the simulator."""
