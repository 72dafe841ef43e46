"""onesixty: the SMS API platform that you run yourself.

A line may import what stands above it, never what stands below (docs/explanation/architecture.md):

- `smpp`, `text`, `numbers`: three libraries that import nothing else of onesixty; `ops`: settings, logs, metrics;
- `core`: types shared by all parts, and the contracts between them;
- `channels`: what each channel, first of all SMS, has of its own;
- `store`: rows on disk; `sealing`: the instance secret; `work`: the queue of durable work; `http`: the toolkit of
  HTTP routes;
- `kit`: what every feature is given;
- `accounts`, `inventory`, `ranges`, `mail`: accounts and keys, their numbers, the networks of numbers, mails;
- `audit_log`: who changed what;
- `messages`: the message path: intake, changes, receipts, sweep; `templates`: texts with variables, by language;
  `simulator`, `load`: networks and traffic for tests;
- `dispatch`, `carriers`: what is due goes to carriers; `routing`: which carrier takes what;
- `people`: users, sign-in and sessions; `profiles`: the businesses behind accounts, with documents; `console`: how
  the files of the console are served;
- `customers`: deliveries to SMPP customers; `webhooks`: events to applications;
- `billing`, `limits`, `retention`, `reports`, `statistics`, `refusals`, `alerts`, `sandbox`: one feature each;
- `saved_reports`: reports that are kept, and sent on a schedule; `doctor`: checks of the installation;
- `saved_views`: lists with their filters, kept under a name;
- `verify`: verification of numbers and addresses by one-time codes;
- `captures`, `pauses`, `network`, `jobs`: SMPP traffic in files, pauses, running carriers and routes, bulk work;
- `extensions`: installed packages that add steps, connectors or sinks;
- `restore`: the step after a restore;
- `doors`: the inbound protocols;
- `app`: puts the parts together; `rehearsal`, `demo`: a scenario and a demonstration on a whole node; `cli`: the
  commands.
"""

__version__ = "0.1.0.dev0"
