// The state of a carrier in a word.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import type { IconName } from '../parts/Icon'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { type Health as State, healthOf, isUnbound, type LiveCarrier } from './carrier'

const LOOKS: Record<State, { tone: Tone; icon?: IconName }> = {
  off: { tone: 'quiet', icon: 'stop' },
  pause: { tone: 'warn', icon: 'pause' },
  drain: { tone: 'warn', icon: 'pause' },
  down: { tone: 'bad' },
  open: { tone: 'bad' },
  partly: { tone: 'warn' },
  slowed: { tone: 'warn', icon: 'clock' },
  starting: { tone: 'info' },
  well: { tone: 'good' },
}

export function Health({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  const health = healthOf(carrier)
  const stopped = health === 'pause' || health === 'drain'
  return (
    <>
      <StatusBadge {...LOOKS[health]}>{t(`carriers.health.${health}`)}</StatusBadge>
      {stopped && isUnbound(carrier) && (
        <>
          {' '}
          <StatusBadge {...LOOKS.down}>{t('carriers.health.down')}</StatusBadge>
        </>
      )}
    </>
  )
}
