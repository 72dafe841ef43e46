#!/usr/bin/env bash
# Replies to an incoming message: reply.sh MESSAGE_ID TEXT
# TEXT is inserted into the JSON unchanged: use no quotes and no backslashes.
curl -sS --fail-with-body -X POST "${ONESIXTY_URL:-http://127.0.0.1:8160}/v1/messages/$1/reply" \
  -H "Authorization: Bearer $ONESIXTY_KEY" -H "Content-Type: application/json" \
  -d "{\"text\": \"$2\"}"
