"""Connectors: one folder for each kind of carrier, behind one contract (`core.contracts.Carrier`).

- `registry`: the kinds of carriers, how one is built and how its settings are checked;
- `settings`: from plain data to a connector's settings, with errors that name the field; `forms`: the settings as a
  form, with the words that a person needs;
- `simulator`: a carrier in this process, the default of a new installation, and the smallest connector;
- `smpp`: carriers over SMPP; `http`: carriers over HTTP;
- `waiting`: segments that wait inside a connector for a slot of the window;
- `host_turn`: what a connector reports in the next turn of the event loop;
- `refusals`: the error codes that a carrier's refusal may stand for;
- `addresses`: addresses that carriers write, as onesixty writes them;
- `link_log`: log lines about links; `tappable`: connectors whose frames can be captured.

Every connector passes the conformance suite of the tests. None imports messages or the store: outcomes,
receipts and incoming messages go to the `CarrierHost`.
"""
