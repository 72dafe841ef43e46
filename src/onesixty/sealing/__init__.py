"""The instance secret: what it seals, derives and signs, where it comes from, and how it is replaced.

- `keyring`: one or two secrets in memory, and everything that is done with them. Features get it in their `Context`;
- `source`: the setting or the file that holds the secrets;
- `keys`: the rows that say which secret is in force;
- `columns`: seals the columns of tables that are marked `sealed`;
- `opening`: what a start checks and seals;
- `rotation`: replaces the secret while nodes run, and starts over after it was lost.

`kit.secret` keeps the keyring of a running node up to date.
"""
