"""The configuration file that `onesixty init` writes: every setting, commented out at its default.

Every field of `Settings` is in it but `faults`, which is for tests (complete by test).
"""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
# Settings of onesixty. Each can also be given as a variable: http_listen is ONESIXTY_HTTP_LISTEN, and the
# variable wins. What is commented out shows its default. docs/reference/settings.md explains each.

# Where the data is kept: an SQLite file in data_dir, or a PostgreSQL database.
#data_dir = "data"
#database_url = "postgresql://user:password@127.0.0.1:5432/onesixty"

# Where to listen. public_url is what others reach it by, if that is another address.
#http_listen = "127.0.0.1:8160"
#metrics_listen = ""           # such as "127.0.0.1:8161"; empty: on the address of the API
#smpp_listen = "127.0.0.1:2775"
#public_url = "https://sms.example.com"
#max_body_bytes = 1048576
#max_batch_bytes = 16777216

# SMPP for customers: TLS, the proxies in front, limits and timers. smpp_listen = "" closes the door.
#smpp_tls_listen = ""          # such as "0.0.0.0:3550"; needs both files
#smpp_tls_cert = "smpp.crt"
#smpp_tls_key = "smpp.key"
#smpp_system_id = "onesixty"
#smpp_proxies = []             # such as ["10.0.0.0/8"]
#smpp_max_connections = 5000
#smpp_max_connections_per_address = 500
#smpp_session_init_seconds = 10.0
#smpp_enquire_link_seconds = 60.0
#smpp_inactivity_seconds = 0.0
#smpp_parts_seconds = 60.0

# Messages from handsets: how long parts are waited for, and what counts as a repeat.
#inbound_parts_seconds = 600.0
#inbound_repeat_seconds = 60.0

# A key that exists from the first start: live, with every scope.
#admin_key = "at-least-16-characters"

# Whether webhooks may go to private and loopback addresses.
#webhook_allow_private = false

# Who is told of alerts by mail, and the server that takes it.
#alert_emails = ["noc@example.com"]
#mail_server = "smtp://user:password@mail.example.com:587"
#mail_from = "onesixty@localhost"

# Messages: the most segments of one that does not say so itself, the most that one may ask for, and how many that
# are due a carrier's lane holds in memory.
#max_segments = 10
#max_segments_limit = 255
#lane_capacity = 10000

# How often the same text may go from one sender to one number within a minute before it counts as a loop.
#loop_limit = 30

# The flat price, and what is charged for: "sent" or "delivered".
#billing_currency = "EUR"
#billing_price_per_segment = "0.0075"
#billing_charge_on = "sent"

# For how many days what has ended is kept; 0 is for ever.
#retention_events_days = 30
#retention_messages_days = 400
#retention_records_days = 90
#retention_refusals_days = 30
#refusals_kept = 10000

# Operation.
#log_level = "info"
#log_format = "auto"
#access_log = false
#processes = "auto"
#shutdown_seconds = 30.0

# Carriers. Without any, a simulated one takes all messages.
#[[carriers]]
#name = "acme"
#type = "smpp"
#host = "smsc.example.net"
#port = 2775
#system_id = "onesixty"
#password = "..."
#bind = "transceiver"     # or transmitter, receiver
#binds = 2
#window = 100
#throughput = 0           # segments a second over all binds; 0 is unlimited

# Routes: the carriers of each are tried in this order.
#[[routes]]
#name = "default"
#carriers = ["acme"]
"""
