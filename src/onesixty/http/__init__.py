"""The toolkit of all HTTP routes. It knows no feature: features bring their routes, this brings the rest.

- `front`, `reading`: what every request passes once: request id, key, rate, body, problems;
- `call`: one request as the front hands it on, and the answer of a hot route;
- `auth`, `scopes`: keys to principals, and what each scope opens;
- `problems`, `validation`: refusals as RFC 9457 problem details, whoever raised them;
- `limits`: requests a second for each key, told in RateLimit headers;
- `idempotency`: the guard against sending twice;
- `bodies`, `answers`, `paging`: what FastAPI routes take and give;
- `openapi`, `pages`: the document and the pages made of it;
- `server`, `connection`: uvicorn inside our own loop, with a short way to hot routes.
"""
