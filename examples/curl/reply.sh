#!/usr/bin/env bash
# Replies to a message that came in: reply.sh MESSAGE_ID TEXT
# TEXT goes into the JSON as it is: no quotes, no backslashes.
curl -sS --fail-with-body -X POST "${ONESIXTY_URL:-http://127.0.0.1:8160}/v1/messages/$1/reply" \
  -H "Authorization: Bearer $ONESIXTY_KEY" -H "Content-Type: application/json" \
  -d "{\"text\": \"$2\"}"
