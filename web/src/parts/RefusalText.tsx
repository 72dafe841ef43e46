// What a refusal says: in the person's language by its code, the server's own words, and the request's id.
import { Anchor, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Code, Refusal } from '../api/problem'
import { useT } from '../i18n/i18n'
import type { Id } from '../i18n/ids'
import { Ident, ServerWords } from './Ident'
import { WhomToAsk } from './WhomToAsk'

/** Codes that people meet in a console, by text. All others are shown by the server's words. */
const KNOWN: Partial<Record<Code, Id>> = {
  unreachable: 'parts.error.unreachable',
  unavailable: 'parts.error.unavailable',
  internal_error: 'parts.error.internal',
  forbidden: 'parts.error.forbidden',
  not_found: 'parts.error.notFound',
  rate_limited: 'parts.error.rateLimited',
  conflict: 'parts.error.conflict',
  precondition_failed: 'parts.error.changed',
  wrong_mode: 'parts.error.wrongMode',
  query_too_broad: 'parts.error.tooBroad',
  missing_field: 'parts.error.missingField',
  invalid_field: 'parts.error.invalidField',
  sign_in_refused: 'parts.error.signInRefused',
  sign_in_slowed: 'parts.error.slowed',
  link_gone: 'parts.error.linkGone',
  link_used: 'parts.error.linkUsed',
  setup_gone: 'parts.error.setupGone',
  invitation_gone: 'parts.error.linkGone',
  invitation_used: 'parts.error.linkUsed',
  password_refused: 'parts.error.passwordRefused',
  code_refused: 'parts.error.codeRefused',
  passkey_refused: 'parts.error.passkeyRefused',
  reauthenticate: 'parts.error.reauthenticate',
  insecure_transport: 'parts.error.insecure',
  last_owner: 'parts.error.lastOwner',
  insufficient_credit: 'parts.error.credit',
  account_suspended: 'parts.error.suspended',
}

/** One sentence in the person's language, if the code has one. */
export function useRefusalTitle(): (refusal: Refusal) => string | null {
  const t = useT()
  return (refusal) => {
    const id = KNOWN[refusal.code]
    return id === undefined ? null : t(id, { seconds: refusal.retryAfter ?? 0 })
  }
}

export function RefusalText({ refusal }: { refusal: Refusal }): ReactNode {
  const t = useT()
  const title = useRefusalTitle()(refusal)
  const { detail, request_id: id, doc_url: page, scope } = refusal.problem
  return (
    <>
      {title !== null && <Text>{title}</Text>}
      {detail !== '' && detail !== title && (
        <Text c={title === null ? undefined : 'dimmed'} size={title === null ? undefined : 'sm'}>
          <ServerWords>{detail}</ServerWords>
        </Text>
      )}
      {scope !== undefined && <Text size="sm" c="dimmed"><WhomToAsk scope={scope} /></Text>}
      <Text size="sm" c="dimmed">
        {id !== '' && (
          <>
            {t('parts.request')} <Ident>{id}</Ident>{' '}
          </>
        )}
        {page !== '' && (
          <Anchor href={page} target="_blank" rel="noreferrer" size="sm" underline="always">
            {t('parts.moreAbout')}
          </Anchor>
        )}
      </Text>
    </>
  )
}
