"""Running the platform: settings, logs, metrics and named fault points. Knows nothing of messages.

- `settings`, `setting_forms`, `secret_form`, `public_url`: settings from the file and from environment variables, and
  the forms of some of them;
- `logs`: one line for each event, without secrets;
- `metrics`: the metrics of every stage of a message's way;
- `faults`: named points where a test may end, stop or fail the process;
- `garbage`: how the garbage collector runs in a server;
- `invalid`, `patterns`: what is wrong with an invalid value, in plain words;
- `open_files`, `ports`: whether the system allows enough connections, and the addresses to listen on;
- `notify`: what systemd is told.
"""
