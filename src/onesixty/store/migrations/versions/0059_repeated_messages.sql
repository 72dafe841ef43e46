CREATE INDEX messages_repeated ON messages (account_id, test, id) WHERE duplicates > 0;

CREATE INDEX messages_repeated_all ON messages (test, id) WHERE duplicates > 0;
