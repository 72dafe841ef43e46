"""Business profiles of accounts: who stands behind an account, the documents that show it, and whether an
operator has verified it.

- `states`: the states of a verification, and who may move it from one to another, as a table;
- `content`: which files are documents, by what they contain;
- `stores`, `files`, `s3`, `moving`: where files are, in a folder or a bucket, and how they move;
- `tables`, `service`: the rows, and every change of them;
- `standing`: which accounts count as verified, in memory; `step`: what an unverified account may not send;
- `profile_endpoints`, `document_endpoints`: the API; `keeper`: expiry and retention;
- `feature`: all of it as a feature of a node.
"""
