"""What tests share: servers, the product as a process, a webhook receiver, waiting with a deadline."""
