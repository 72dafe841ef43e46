"""Mails: stored with what caused them, and sent over the SMTP server of the settings until taken or a day old."""
