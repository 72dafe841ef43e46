"""The doctor: what is wrong with this installation, and what to do about it; also its settings and its nodes.

- `checks`: what a check gets and returns, and how the list of checks is run;
- `codes`: what they can find, for programs;
- `machine`: checks of the machine: disk, fsync, open files, ports, the instance secret;
- `reach`: checks from outside: the public URL, certificates, the mail server;
- `database`: checks of the database: version, settings, clock, backups, leases, retention;
- `traffic`: checks of carriers and webhooks;
- `standard`: the list of all checks;
- `certificates`: reads when a certificate ends;
- `shown_settings`: the settings as operators may see them;
- `nodes`: the nodes of the database;
- `bodies`, `endpoints`: `/v1/doctor`, `/v1/settings`, `/v1/nodes`;
- `feature`: all of it as a feature of a node.
"""
