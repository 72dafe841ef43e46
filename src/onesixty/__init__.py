"""onesixty: the SMS API platform that you run yourself.

A line may import what stands above it, never what stands below (docs/explanation/architecture.md):

- `smpp`, `text`, `numbers`: three libraries that import nothing else of onesixty; `ops`: settings, logs, metrics;
- `core`: types shared by all parts, and the contracts between them;
- `channels`: what each channel, first of all SMS, has of its own;
- `store`: rows on disk; `work`: the queue of durable work; `http`: the toolkit of HTTP routes;
- `kit`: what every feature is given;
- `accounts`, `inventory`, `ranges`: accounts and keys, their numbers, the networks of numbers;
- `messages`: the message path: intake, changes, receipts, sweep; `simulator`, `load`: networks and traffic for tests;
- `dispatch`, `carriers`: what is due goes to carriers; `routing`: which carrier takes what;
- `customers`: deliveries to SMPP customers; `webhooks`: events to applications;
- `billing`, `retention`, `reports`, `refusals`, `alerts`, `sandbox`: one feature each;
- `captures`, `pauses`, `network`, `jobs`: SMPP traffic in files, pauses, running carriers and routes, bulk work;
- `extensions`: installed packages that add steps, connectors or sinks;
- `restore`: the step after a restore;
- `doors`: the inbound protocols;
- `app`: puts the parts together; `rehearsal`, `cli`: a scenario on a whole node, and the commands.
"""

__version__ = "0.1.0.dev0"
