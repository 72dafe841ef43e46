"""Starts Jasmin's daemon as its own `jasmind.py` does, but for the lock of which a machine has one.

It runs in Jasmin's virtual environment (tests/support/jasmin.py starts it). The lock file of jasmind.py lies at a
fixed path, so that two test runs could not have a Jasmin each, and one that was killed would bar the next.
"""

import signal
import sys

from jasmin.bin.jasmind import JasminDaemon, Options
from twisted.internet import reactor

options = Options()
options.parseOptions(sys.argv[1:])
daemon = JasminDaemon(options)
signal.signal(signal.SIGTERM, daemon.sighandler_stop)
daemon.start()
reactor.run()
