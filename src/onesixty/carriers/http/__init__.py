"""Carriers over HTTP: one connector for any provider, and ready profiles of known ones.

- `settings`: what a link can be told; `validation`: the faults that types cannot find;
- `templates`, `requests`: from a message to the request that submits it;
- `link`, `oauth`: the connections, and tokens of OAuth 2.0;
- `paths`, `answers`: what the provider answered;
- `signatures`, `callbacks`: what the provider reports by calling us, and whether the call is the provider's;
- `carrier`: the window, what waits, and what is reported when; `checkup`: a look at it without a message;
- `profiles`: a provider is data, made from a few settings of its own.

Nothing is imported here: settings are checked without the HTTP client, which only a carrier that runs loads.
"""
