"""The door of our own HTTP API, version 1.

- `door`: the API as doors of the front; `api`: all routes as one FastAPI app, with its OpenAPI document;
- `send`, `send_request`, `sent`: `POST /v1/sms/send`, the hot route, its body and its answer; `options`: flash,
  binary, ports;
- `templated`: the text of a send, a reply or a change, from a template;
- `preview`: what a send would do;
- `batch`, `batch_schemas`, `batches`: many messages in one call, and what became of them;
- `messages`, `filters`: messages that were accepted, and the filters of their lists; `changes`, `replies`: changes of
  them, and answers to incoming ones;
- `history`: the history of a message, for operators with names and words;
- `export`: messages as a stream; `counts`: how many there are; `search`: one question for everything;
- `schemas`, `history_schemas`, `event_schemas`, `texts`: the schemas of answers;
- `refusals`: what this door reports to the trace of refusals;
- `operations`: health, metrics and documents, which need no key;
- `illustrated`, `text_answers`, `samples`: the document with an example of every call and answer, also as a program
  in seven languages.
"""

from onesixty.doors.v1.api import build_api, build_monitoring
from onesixty.doors.v1.send import SEND_PATH, SendDoor

__all__ = ["SEND_PATH", "SendDoor", "build_api", "build_monitoring"]
