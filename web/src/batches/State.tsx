// The state of a batch as a badge.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { type Batch, type Progress, type State, stateOf } from './batch'

const TONES: Record<State, Tone> = { accepting: 'info', accepted: 'info', ended: 'good', canceled: 'quiet' }

export function BatchState({ batch }: { batch: Batch | Progress }): ReactNode {
  const t = useT()
  const state = stateOf(batch)
  return (
    <StatusBadge tone={TONES[state]} icon={state === 'accepted' ? 'send' : state === 'canceled' ? 'stop' : undefined}>
      {t(`batches.state.${state}`)}
    </StatusBadge>
  )
}
