UPDATE keys
SET scopes = substr(scopes, 1, length(scopes) - 1)
  || ',"reports:read","audit:read","users","subaccounts","subaccounts:enter"]'
WHERE test = 0
  AND scopes LIKE '%"messages:send"%'
  AND scopes LIKE '%"messages:read"%'
  AND scopes LIKE '%"webhooks"%'
  AND scopes LIKE '%"keys"%'
  AND scopes LIKE '%"smpp"%'
  AND scopes LIKE '%"account:read"%'
  AND scopes LIKE '%"sandbox"%'
  AND scopes LIKE '%"carriers"%'
  AND scopes LIKE '%"routes"%'
  AND scopes LIKE '%"alerts"%'
  AND scopes LIKE '%"numbers"%'
  AND scopes LIKE '%"desk"%'
  AND scopes LIKE '%"accounts"%';
