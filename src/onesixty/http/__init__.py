"""The toolkit of all HTTP routes. It knows no feature: features bring their routes, this brings the rest.

- `door`: one HTTP API as a value, which is what the front has to know of it;
- `front`, `reading`: what every request passes once: request id, caller, rate, body, problems;
- `call`: one request as the front hands it on, and the answer of a hot route;
- `auth`, `callers`, `networks`, `scopes`: keys and other ways to principals, from where they are used, what each
  scope opens, and roles;
- `step_up`: what a session may do only after a fresh proof;
- `acting`: the headers that say in which account and mode a caller acts, and why;
- `limits`: requests a second for each caller, told in RateLimit headers;
- `idempotency`: the guard against sending twice;
- `strictness`: requests that cannot be understood, or in two ways;
- `problems`, `validation`, `wording`: refusals as RFC 9457 problem details, and their sentences;
- `resource`, `resource_routes`: list, get, make, change and remove rows of a table, for every resource;
- `etags`: the version of a resource as `ETag`, and `If-Match`;
- `noting`: what a caller did that the audit log must know;
- `exports`, `resource_exports`: lists as files of any length;
- `structs`, `bodies`, `answers`, `paging`, `merge_patch`: what routes take and give;
- `addresses`, `moments`, `amounts`, `urls`: numbers and senders, times, money and URLs in requests;
- `negotiation`: which content coding a client takes, and whether it has the answer already;
- `late_route`: routes that FastAPI reads when they are first used;
- `openapi`, `openapi_polish`, `shapes`, `examples`, `pages`: the document and the pages made of it;
- `server`, `connection`, `hot`, `heads`, `ticks`: uvicorn inside our own loop, with a short way to hot routes, which
  answer the requests of one step of the loop together.
"""
