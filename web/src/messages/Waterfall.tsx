// Where the time of a message went, as a bar with proportions and in words.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { type Phase, sharesOf } from './history'

export function Waterfall({ phases }: { phases: readonly Phase[] }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (phases.length === 0) return null
  const shares = sharesOf(phases)
  return (
    <ol className="o-waterfall" aria-label={t('messages.whereTime')}>
      {phases.map((phase, place) => (
        <li key={phase.name} data-phase={phase.name} data-going={phase.going} style={{ flexGrow: shares[place] }}>
          <span className="o-waterfall-bar" />
          <span className="o-waterfall-name">{t(`messages.phase.${phase.name}`)}</span>{' '}
          <bdi>{format.duration(phase.milliseconds)}</bdi>
          {phase.going && <span className="o-absent"> {t('messages.going')}</span>}
        </li>
      ))}
    </ol>
  )
}
