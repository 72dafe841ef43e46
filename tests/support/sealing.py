"""An instance secret for tests."""

from onesixty.sealing.keyring import Keyring

SECRET = "a-secret-of-tests-that-seals-nothing-of-worth"
#: For all nodes of a test that share a database.
KEYRING = Keyring([SECRET])
