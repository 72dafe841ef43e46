"""People: users, their memberships and roles, how they sign in, and their sessions.

- `tables`: the rows; `emails`, `tokens`: addresses and secrets of links and sessions;
- `passwords`: the rules for passwords, and their hashes; `slow_down`: what holds up a guesser;
- `users`: users and memberships, and the rule of the last owner; `setup`: the first user;
- `mails`, `letters`, `link_pages`: mails about people, the links in them, and the pages to which they lead;
- `links`: links and challenges that count once; `invitations`: how further users come in;
- `credentials`, `devices`: by what users are known;
- `cookies`, `csrf`: the rules of the session's cookie on the wire;
- `acts`: what people do at the door, for the audit log; `committing`: units over several of these tables;
- `sessions`: sessions in the database, and in memory; `callers`: a session as a caller of the API;
- `factors`: one-time codes, recovery codes and passkeys; `oidc`: sign-in at an identity provider;
- `sign_in`: the way in, by each method;
- `people`: all parts of a node; `giving`: who may give which role; `me`: who the caller is;
- `preferences`, `preference_endpoints`: what users chose for their console;
- `answers`, `open_endpoints`, `me_endpoints`, `email_endpoints`, `user_endpoints`, `invitation_endpoints`: the API;
- `feature`: all of it as a feature of a node.
"""
