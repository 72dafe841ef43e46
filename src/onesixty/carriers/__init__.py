"""Connectors: one folder for each kind of carrier, behind one contract (`core.contracts.Carrier`).

- `registry`: the kinds there are, how one is built and how its settings are checked;
- `settings`: from plain data to a connector's settings, with errors that name the field;
- `waiting`: segments that wait inside a connector for a slot of the window;
- `simulator`: a carrier in this process, the default of a fresh installation;
- `smpp`: carriers over SMPP 3.4.

Every connector passes the conformance suite of the tests. None touches messages or the store: outcomes,
receipts and incoming messages go to the `CarrierHost`.
"""
