// What several pages say of a verification.
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { FoundWords } from '../parts/FoundWords'
import type { IconName } from '../parts/Icon'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Ident, PhoneNumber } from '../parts/Values'
import type { Status } from './search'

export type Verification = components['schemas']['VerificationView']
export type Detail = components['schemas']['VerificationDetail']
export type Step = components['schemas']['VerificationStep']
type Finding = components['schemas']['GuardFinding']
export type Channel = Verification['channel']

export const VERIFICATIONS = '/v1/verifications'
export const PROFILES = '/v1/verify-profiles'
export const FIGURES = '/v1/reports/verifications'
export const BLOCKS = '/v1/verify-blocks'
export const TRUSTED = '/v1/trusted-numbers'

const LOOKS: Record<Status, { tone: Tone; icon?: IconName }> = {
  pending: { tone: 'info' },
  held: { tone: 'warn', icon: 'pause' },
  approved: { tone: 'good' },
  failed: { tone: 'bad' },
  exhausted: { tone: 'bad' },
  expired: { tone: 'warn', icon: 'clock' },
  canceled: { tone: 'quiet', icon: 'stop' },
  blocked: { tone: 'bad', icon: 'stop' },
}

export function VerificationStatus({ status }: { status: Status }): ReactNode {
  const t = useT()
  return <StatusBadge {...LOOKS[status]}>{t(`verify.status.${status}`)}</StatusBadge>
}

/** Whom it is about; what was redacted is gone. */
export function Recipient({ address }: { address: string | null }): ReactNode {
  const t = useT()
  if (address === null) return <span className="o-absent">{t('verify.redacted')}</span>
  return address.includes('@') ? <Ident>{address}</Ident> : <PhoneNumber value={address} />
}

/** Why a guard stops it, in words; a sentence of the server for which there are none. */
export function GuardReason({ of: { reason, finding } }: { of: { reason: string | null; finding: Finding | null } }): ReactNode {
  return <FoundWords found={finding} sentence={reason ?? ''} of="verify" />
}

/** The guards that have a name here; another one, of a newer server, shows its own. */
export const GUARDS = [
  'country', 'line', 'number', 'address', 'device', 'range_score', 'range_open', 'sequence', 'network_score', 'country_score', 'burst', 'mix', 'budget',
] as const

/** The guard that stops it, in words if there are any for it. */
export function useGuardName(): (guard: string) => string {
  const t = useT()
  return (guard) => {
    const known = GUARDS.find((each) => each === guard)
    return known === undefined ? guard.replaceAll('_', ' ') : t(`verify.guard.${known}`)
  }
}
