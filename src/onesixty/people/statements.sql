-- The statements of people beside those of their tables. All are cold: sessions in use are kept in memory
-- (people/sessions.py).

-- name: user_by_email
-- about: the user of an address
SELECT {user} FROM users WHERE email_key = :email_key

-- fragment: user
-- about: the columns of a user, in the order of the struct
id, email, email_key, name, email_confirmed, last_sign_in_at, version, created_at

-- name: users_named
-- about: several users at once
SELECT {user} FROM users WHERE id IN (:ids...)

-- name: user_signed_in
-- about: when a user last signed in
-- params: id text, at bigint
UPDATE users SET last_sign_in_at = :at WHERE id = :id

-- name: user_memberships
-- about: the accounts of a user, oldest first
SELECT id, user_id, account_id, role, managed, version, created_at FROM memberships WHERE user_id = :user_id ORDER BY id

-- name: membership_of
-- about: the membership of a user in an account
SELECT id, user_id, account_id, role, managed, version, created_at
FROM memberships WHERE user_id = :user_id AND account_id = :account_id

-- name: account_managers
-- about: members of an account in some roles, by name: owners first, then who came first
SELECT u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.account_id = :account_id AND m.role IN (:roles...) AND u.name <> '' AND u.id <> :but
ORDER BY CASE WHEN m.role = 'owner' THEN 0 ELSE 1 END, m.id LIMIT :most

-- name: owners_count
-- about: how many owners an account has
SELECT owners FROM account_owners WHERE account_id = :account_id

-- name: owner_counted
-- about: an account has one more owner
-- params: account_id text
INSERT INTO account_owners (account_id, owners) VALUES (:account_id, 1)
ON CONFLICT (account_id) DO UPDATE SET owners = account_owners.owners + 1

-- name: owner_uncounted
-- about: a guard: an account has one owner less, and at least one is left
-- params: account_id text
UPDATE account_owners SET owners = owners - 1 WHERE account_id = :account_id AND owners > 1

-- name: user_credentials
-- about: what a user proves who they are with, oldest first
SELECT {credential} FROM credentials WHERE user_id = :user_id ORDER BY id

-- fragment: credential
-- about: the columns of a credential, in the order of the struct
id, user_id, kind, name, secret, handle, counter, transports, last_used_at, version, created_at

-- name: credential_by_handle
-- about: the passkey of this id
SELECT {credential} FROM credentials WHERE handle = :handle

-- name: factor_kinds
-- about: which second factors these users have
SELECT DISTINCT user_id, kind FROM credentials WHERE user_id IN (:ids...) AND kind IN ('totp', 'passkey')

-- name: credential_used_up_to
-- about: a guard: a time step of TOTP counts once, and so do those before it
-- params: id text, counter bigint, at bigint
UPDATE credentials SET counter = :counter, last_used_at = :at WHERE id = :id AND counter < :counter

-- name: credential_counted
-- about: a guard: a passkey's count of signatures never goes back; some always say 0
-- params: id text, counter bigint, at bigint
UPDATE credentials SET counter = :counter, last_used_at = :at
WHERE id = :id AND (counter < :counter OR (counter = 0 AND :counter = 0))

-- name: credentials_of_kind_drop
-- about: removes what a user has of a kind, at a reset
-- params: user_id text, kind text
DELETE FROM credentials WHERE user_id = :user_id AND kind = :kind

-- name: credentials_of_user_drop
-- about: removes all that a removed user could prove who they are with
-- params: user_id text
DELETE FROM credentials WHERE user_id = :user_id

-- name: identities_of_user_drop
-- about: removes what a removed user was at identity providers
-- params: user_id text
DELETE FROM identities WHERE user_id = :user_id

-- name: preferences_of_user_drop
-- about: removes what a removed user chose for the console
-- params: user_id text
DELETE FROM preferences WHERE user_id = :user_id

-- name: session_find
-- about: the session of a request, its user, and the roles of the user
SELECT {session}, u.email, u.name, m.account_id, m.role
FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN memberships m ON m.user_id = s.user_id
WHERE s.hash = :hash ORDER BY m.id

-- fragment: session
-- about: the columns of a session, in the order of the struct
s.id, s.user_id, s.account_id, s.hash, s.method, s.address, s.agent, s.authenticated_at, s.seen_at, s.expires_at,
s.ended_at, s.version, s.created_at

-- name: user_sessions
-- about: the open sessions of a user, newest first
SELECT {session} FROM sessions s
WHERE s.user_id = :user_id AND s.ended_at IS NULL AND s.expires_at > :now AND s.seen_at > :seen
ORDER BY s.id DESC

-- name: session_seen
-- about: when a session was last used, to within a minute
-- params: id text, at bigint
UPDATE sessions SET seen_at = :at WHERE id = :id

-- name: sessions_end
-- about: ends the sessions of a user, except one
-- params: user_id text, but text, now bigint
UPDATE sessions SET ended_at = :now, version = version + 1
WHERE user_id = :user_id AND id <> :but AND ended_at IS NULL

-- name: sessions_forget
-- about: sessions that ended so long ago that nobody asks for them
-- params: now bigint
DELETE FROM sessions WHERE expires_at < :now

-- name: link_find
-- about: a link, by the hash of its token
SELECT id, kind, hash, user_id, data, expires_at, used_at, created_at FROM links WHERE hash = :hash

-- name: link_used
-- about: a guard: a link counts once, and until its end
-- params: hash text, kind text, now bigint
UPDATE links SET used_at = :now WHERE hash = :hash AND kind = :kind AND used_at IS NULL AND expires_at > :now

-- name: links_of_user_used
-- about: links of a kind that a user still has count no more
-- params: user_id text, kind text, now bigint
UPDATE links SET used_at = :now WHERE user_id = :user_id AND kind = :kind AND used_at IS NULL

-- name: links_forget
-- about: links that ended a day ago
-- params: now bigint
DELETE FROM links WHERE expires_at < :now - 86400000

-- name: invitation_find
-- about: an invitation, by the hash of its token
SELECT {invitation} FROM invitations WHERE hash = :hash

-- fragment: invitation
-- about: the columns of an invitation, in the order of the struct
id, account_id, email, email_key, role, hash, invited_by, mailed, expires_at, accepted_at, user_id, version, created_at

-- name: invitation_open
-- about: an open invitation of an address to an account
SELECT {invitation} FROM invitations
WHERE account_id = :account_id AND email_key = :email_key AND accepted_at IS NULL AND expires_at > :now

-- name: invitations_forget
-- about: invitations that nobody accepted, a month after their end
-- params: now bigint
DELETE FROM invitations WHERE accepted_at IS NULL AND expires_at < :now - 2592000000

-- name: identity_find
-- about: who a subject of an issuer is
SELECT id, user_id, issuer, subject, email, last_used_at, version, created_at
FROM identities WHERE issuer = :issuer AND subject = :subject

-- name: identity_used
-- about: when an identity was last used, and its address then
-- params: id text, email text, at bigint
UPDATE identities SET email = :email, last_used_at = :at WHERE id = :id

-- name: setup_find
-- about: the set-up link
SELECT hash, expires_at, used_at FROM setup WHERE place = 1

-- name: setup_first
-- about: a guard: the first set-up link
-- params: hash text, expires_at bigint
INSERT INTO setup (place, hash, expires_at) VALUES (1, :hash, :expires_at)
ON CONFLICT (place) DO NOTHING

-- name: setup_again
-- about: a guard: a new set-up link in place of the one before, while there is no user
-- params: before text, hash text, expires_at bigint
UPDATE setup SET hash = :hash, expires_at = :expires_at WHERE hash = :before AND used_at IS NULL

-- name: setup_used
-- about: a guard: the set-up link makes one user, and that is the first
-- params: hash text, now bigint
UPDATE setup SET used_at = :now WHERE hash = :hash AND used_at IS NULL AND expires_at > :now

-- name: setup_over
-- about: the first user came in by another way
-- params: now bigint
INSERT INTO setup (place, hash, expires_at, used_at) VALUES (1, '', 0, :now)
ON CONFLICT (place) DO UPDATE SET used_at = COALESCE(setup.used_at, excluded.used_at)
