CREATE INDEX messages_inbound ON messages (account_id, recipient, id) WHERE direction = 'inbound';
