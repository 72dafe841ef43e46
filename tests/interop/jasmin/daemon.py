"""Starts Jasmin's daemon as its own `jasmind.py` does, but for the lock of which a machine has one.

It runs in Jasmin's virtual environment (tests/support/jasmin.py starts it). The lock file of jasmind.py lies at a
fixed path, so that two test runs could not have a Jasmin each, and one that was killed would bar the next.

With JASMIN_NODELAY=1, which the benchmark sets, its sockets do without Nagle's algorithm: otherwise the delayed ACK
of RabbitMQ holds each message up for 40 ms.
"""

import os
import signal
import sys

from jasmin.bin.jasmind import JasminDaemon, Options
from twisted.internet import reactor
from twisted.internet.protocol import BaseProtocol

if os.environ.get("JASMIN_NODELAY"):
    _make_connection = BaseProtocol.makeConnection

    def _make_quick(self, transport):
        if hasattr(transport, "setTcpNoDelay"):
            transport.setTcpNoDelay(True)
        _make_connection(self, transport)

    BaseProtocol.makeConnection = _make_quick

options = Options()
options.parseOptions(sys.argv[1:])
daemon = JasminDaemon(options)
signal.signal(signal.SIGTERM, daemon.sighandler_stop)
daemon.start()
reactor.run()
