"""SMPP 3.4 and 5.0: a library of its own, which imports nothing of the rest of onesixty.

- `constants`, `fields`, `layouts`, `tlv`: what stands on the wire, as tables;
- `pdu`, `codec`, `fast`: bytes to PDUs and back; `fast` for the four commands of the hot path;
- `templates`: submit_sm whose octets are known before the message;
- `framing`: cuts a stream into frames; `reading`: how strictly a peer's PDUs are read;
- `receipt`, `times`: delivery receipts and SMPP times;
- `session`, `session_base`, `states`: one link without I/O: bytes in, events out, time handed in;
- `events`, `window`, `timers`: what a session tells, the requests in flight, its deadlines;
- `link`, `client`, `server`: the same on asyncio; `bind_config`: as whom and where to bind;
- `pacing`, `backoff`: how fast to send, and when to come back;
- `network`: what the library needs of a network; a simulation hands in one of its own;
- `masking`, `pcap`, `pcap_reading`: frames without secrets, files for Wireshark, and the frames in them;
- `errors`: all that is raised.
"""
