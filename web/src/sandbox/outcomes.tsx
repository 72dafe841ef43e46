// What each number with a fixed outcome does, in plain words of the person's language.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import type { Id } from '../i18n/ids'
import { ServerWords } from '../parts/Values'

export type FixedNumber = components['schemas']['FixedNumber']
export type Group = FixedNumber['group']

const FIXED = '/v1/sandbox/numbers'
/** The groups, in the order of what one tries first. */
export const GROUPS: readonly Group[] = ['delivered', 'undelivered', 'failed', 'later', 'unknown', 'receipts', 'answers']

/** The numbers by their last two digits. One that a later version adds is shown by the server's words. */
const KNOWN = [
  '01', '02', '03', '11', '12', '13', '14', '15', '16', '17', '21', '22', '23', '24', '25', '26', '31', '32', '33', '34', '41', '42',
  '51', '52', '53', '54', '55', '61', '62', '63', '64', '65',
] as const
const PREFIX = '+150001600'

/** The text that says what a number does. null for one that is not known here. */
export function textOf(number: string): Id | null {
  const found = number.startsWith(PREFIX) ? KNOWN.find((digits) => PREFIX + digits === number) : undefined
  return found === undefined ? null : `sandbox.fixed.${found}`
}

/** How a long text ends at the numbers that tell its parts apart; the API says how one of a single segment ends. */
const LONG: Record<string, Ends> = {
  [`${PREFIX}16`]: { status: 'undelivered', error: 'undeliverable' },
  [`${PREFIX}17`]: { status: 'undelivered', error: 'partially_refused' },
}
type Ends = { status: FixedNumber['ends']; error: string | null }

/** How the message ends that this page sends to a number. */
export const endOf = ({ number, ends, error }: FixedNumber): Ends => LONG[number] ?? { status: ends, error }

/** What this page sends to a number: several parts, where it tells them apart. */
export const textFor = (number: string, text: string): string => (LONG[number] === undefined ? text : `${text}. `.repeat(8).trim())

/** All numbers. What they do never changes while the server runs. */
export function useFixed() {
  const api = useApi()
  return useQuery({ queryKey: [FIXED], queryFn: () => take(api.GET('/v1/sandbox/numbers')), staleTime: Infinity })
}

/** What a number does, in a sentence. */
export function About({ number: { number, about } }: { number: FixedNumber }): ReactNode {
  const t = useT()
  const known = textOf(number)
  return known === null ? <ServerWords>{about}</ServerWords> : t(known)
}
