#!/usr/bin/env bash
# Sends a message and retries until there is a response, without sending twice: retry.sh TO TEXT ORDER
# TEXT is inserted into the JSON unchanged: use no quotes and no backslashes.
curl -sS --retry 5 --retry-all-errors -X POST "${ONESIXTY_URL:-http://127.0.0.1:8160}/v1/sms/send" \
  -H "Authorization: Bearer $ONESIXTY_KEY" -H "Content-Type: application/json" \
  -H "Idempotency-Key: order-$3-paid" \
  -d "{\"from\": \"YourBrand\", \"to\": \"$1\", \"text\": \"$2\"}"
