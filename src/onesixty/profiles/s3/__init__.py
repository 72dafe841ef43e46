"""Documents in an S3-compatible store.

- `config`: which bucket, where, with which key;
- `signature`: signature version 4 of a request;
- `client`: the four calls that documents need;
- `documents`: documents as objects of a bucket.
"""
