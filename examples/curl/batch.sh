#!/usr/bin/env bash
# Sends one text to many: batch.sh TEXT TO TO ...
# TEXT goes into the JSON as it is: no quotes, no backslashes.
text=$1
shift
numbers=$(printf '"%s",' "$@")
curl -sS --fail-with-body -X POST "${ONESIXTY_URL:-http://127.0.0.1:8160}/v1/sms/batch" \
  -H "Authorization: Bearer $ONESIXTY_KEY" -H "Content-Type: application/json" \
  -d "{\"from\": \"YourBrand\", \"to\": [${numbers%,}], \"text\": \"$text\"}"
