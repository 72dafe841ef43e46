#!/usr/bin/env bash
# Sends a message: send.sh TO TEXT
# TEXT is inserted into the JSON unchanged: use no quotes and no backslashes.
curl -sS --fail-with-body -X POST "${ONESIXTY_URL:-http://127.0.0.1:8160}/v1/sms/send" \
  -H "Authorization: Bearer $ONESIXTY_KEY" -H "Content-Type: application/json" \
  -d "{\"from\": \"YourBrand\", \"to\": \"$1\", \"text\": \"$2\"}"
