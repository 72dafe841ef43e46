// What went wrong with a message, in the person's language: what, whose fault, and what to do next.
import { productPath } from '../app/places'
import { useT } from '../i18n/i18n'
import type { Id } from '../i18n/ids'

/** The codes that a message can end with. Each has a text and an advice. */
export const errorCodes = [
  'carrier_expired', 'carrier_deleted', 'carrier_rejected', 'carrier_skipped', 'undeliverable', 'partially_refused', 'message_refused',
  'recipient_refused', 'recipient_opted_out', 'sender_refused', 'carrier_refused', 'carrier_throttled', 'carrier_busy',
  'carrier_unreachable', 'carrier_cannot_carry', 'validity_passed', 'outcome_unknown', 'receipt_timeout', 'no_route', 'refused_by_rule',
  'deferred_too_long', 'canceled',
] as const
export type ErrorCode = (typeof errorCodes)[number]

const SCOPES = ['request', 'message', 'recipient', 'sender', 'carrier', 'account'] as const

const known = (code: string): ErrorCode | undefined => errorCodes.find((each) => each === code)

/** In one sentence what went wrong: ours by its code, or else the server's. */
export function useErrorText(): (error: { code: string; title: string }) => string {
  const t = useT()
  return ({ code, title }) => {
    const found = known(code)
    return found === undefined ? title : t(`messages.error.${found}`)
  }
}

/** What to do about it. null for a code that we do not know: its page says it. */
export function useAdvice(): (code: string) => string | null {
  const t = useT()
  return (code) => {
    const found = known(code)
    return found === undefined ? null : t(`messages.next.${found}`)
  }
}

/** On whose side the error is. */
export function scopeText(scope: string): Id | null {
  const found = SCOPES.find((each) => each === scope)
  return found === undefined ? null : `messages.scope.${found}`
}

/** The page about an error. */
export const docOf = (code: string): string => productPath(`/docs/errors#${code}`)
