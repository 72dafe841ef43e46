"""Running the platform: settings, logs, metrics and named fault points. Knows nothing of messages."""
