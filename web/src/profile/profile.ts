// What the pages of business profiles know: fields, states, and what may be done in which.
import type { components } from '../api/schema'

export type Profile = components['schemas']['ProfileView']
export type State = Profile['state']
export type Document = components['schemas']['DocumentView']
export type Decision = components['schemas']['ProfileDecisionBody']['decision']

export const PROFILES = '/v1/profiles'
export const DOCUMENTS = '/v1/documents'

/** What is verified. It stays as it is from the submission on. */
export const IDENTITY = ['legal_name', 'registration_number', 'tax_id', 'street', 'postal_code', 'city', 'region', 'country'] as const
/** How the business is reached. It may be changed at any time. */
export const CONTACT = ['website', 'contact_name', 'contact_email', 'contact_phone'] as const
export type Field = (typeof IDENTITY)[number] | (typeof CONTACT)[number]
export const FIELDS: readonly Field[] = [...IDENTITY, ...CONTACT]

/**
 * What is shown of an account as its state. Nobody decided on some that count as verified: they are older than profiles,
 * are the operator's, or are below a verified one.
 */
export type Shown = State | 'counts'

export const shownOf = ({ state, verified, decided_at }: Profile): Shown =>
  verified && decided_at === null && (state === 'verified' || state === 'unverified') ? 'counts' : state

/** What that means for the account, as the names of texts. */
export function meaningOf(profile: Profile): (State | 'above' | 'older' | 'meanwhile')[] {
  const { state, verified } = profile
  if (shownOf(profile) === 'counts') return [state === 'verified' ? 'older' : 'above']
  return verified && (state === 'submitted' || state === 'in_review') ? [state, 'meanwhile'] : [state]
}

/** Without these there is nothing to verify. */
const NEEDED = ['legal_name', 'street', 'city', 'country', 'contact_email'] as const satisfies readonly Field[]

/** Whether the account may change what is verified. An account that is older than profiles is verified, and may. */
export const isOpen = ({ state, decided_at }: Profile): boolean =>
  state === 'unverified' || state === 'rejected' || state === 'expired' || (state === 'verified' && decided_at === null)

export const canSubmit = (profile: Profile): boolean => isOpen(profile) && profile.state !== 'verified'
export const canWithdraw = ({ state }: Profile): boolean => state === 'submitted' || state === 'in_review' || state === 'verified'

/** What is still needed before it can be submitted. */
export const missingOf = (profile: Profile): Field[] => NEEDED.filter((name) => !profile[name])

/** What an operator can decide in a state. */
export function decisionsIn(state: State): Decision[] {
  return [
    ...(state === 'submitted' ? (['review'] as const) : []),
    'verify',
    ...(state === 'submitted' || state === 'in_review' || state === 'verified' ? (['reject'] as const) : []),
    ...(state === 'verified' ? (['expire'] as const) : []),
  ]
}

/** The reasons of a rejection: one a line. */
export const reasonsOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')

export const KINDS = ['registration', 'tax', 'identity', 'address', 'authorization', 'other'] as const satisfies readonly Document['kind'][]
export const TYPES = ['application/pdf', 'image/png', 'image/jpeg'] as const satisfies readonly Document['content_type'][]
/** How many documents an account may have. */
export const MOST = 20

/** The type of a file if it is one of a document. What it really is, the server finds in its content. */
export const typeOf = (file: { type: string }): Document['content_type'] | null => TYPES.find((type) => type === file.type) ?? null
