"""The store: rows on disk. Who writes hands it units of writes; who reads names a statement.

- `contract`, `units`: what the rest of onesixty knows of a store, and writes as data;
- `table`, `table_columns`, `rows`: a table as one definition, and its rows as a feature uses them;
- `notes`: what the audit log is told besides changes of rows;
- `statements`, `dialects`: the SQL of the features by name, and what each engine runs of it;
- `opening`, `urls`: opens a store from a URL (`open_store`);
- `group`: group commit: which units share a transaction;
- `health`, `unanswered`, `errors`: whether a store can write, how old its oldest write is, and what ends the process;
- `turns`, `slices`: slow reads in turn, and long lists; `rounds`: what repeats while the database can be written;
- `leases`, `lease_keeper`: which nodes live, and how a node renews its lease and fences dead ones;
- `sqlite`, `sqlite_connections`: SQLite with one writer; `one_owner`: one process owns the file;
- `process`, `remote`, `frames`: the store process, its client in the node, and what they exchange;
- `inspection`, `record`, `keeper`: whether a file is the database that was committed here;
- `backup`, `wiping`: copies of a SQLite file, and no redacted data left in its pages;
- `postgresql`, `pg_connections`, `pg_writer`: PostgreSQL, its sessions, and those that write;
- `pg_errors`, `pg_marks`: what an error means, and what became of a COMMIT without an answer;
- `pg_changes`: tells other nodes what has changed;
- `migrations`: the schema.
"""
