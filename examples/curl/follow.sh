#!/usr/bin/env bash
# Follows a message to its end, then lists the newest messages to the same number: follow.sh MESSAGE_ID
url=${ONESIXTY_URL:-http://127.0.0.1:8160}
key="Authorization: Bearer $ONESIXTY_KEY"
field() { grep -o "\"$1\":\"[^\"]*\"" <<<"$message" | head -n 1 | cut -d '"' -f 4; }
while message=$(curl -sS --fail-with-body -H "$key" "$url/v1/messages/$1"); do
  echo "$1 $(field status)"
  case $(field status) in scheduled | queued | held | sent) sleep 0.5 ;; *) break ;; esac
done
curl -sS --fail-with-body -G -H "$key" "$url/v1/messages" --data-urlencode "to=$(field to)" -d limit=10
