#!/usr/bin/env bash
# Verifies a webhook whose body is on standard input: verify.sh ID TIMESTAMP SIGNATURES
# The three are the headers webhook-id, webhook-timestamp and webhook-signature; status 0 means that the signature is valid.
key=$(base64 -d <<<"${WEBHOOK_SECRET#whsec_}" | od -An -v -tx1 | tr -d ' \n')
expected=v1,$({ printf '%s.%s.' "$1" "$2" && cat; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
age=$(($(date +%s) - $2))
[ ${age#-} -le 300 ] && [[ " $3 " == *" $expected "* ]]
