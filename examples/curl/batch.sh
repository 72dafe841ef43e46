#!/usr/bin/env bash
# Sends one text to many recipients: batch.sh TEXT TO TO ...
# TEXT is inserted into the JSON unchanged: use no quotes and no backslashes.
text=$1
shift
numbers=$(printf '"%s",' "$@")
curl -sS --fail-with-body -X POST "${ONESIXTY_URL:-http://127.0.0.1:8160}/v1/sms/batch" \
  -H "Authorization: Bearer $ONESIXTY_KEY" -H "Content-Type: application/json" \
  -d "{\"from\": \"YourBrand\", \"to\": [${numbers%,}], \"text\": \"$text\"}"
