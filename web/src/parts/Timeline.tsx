// What happened, in its order, with the time that passed between.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from './format'
import { Icon, type IconName } from './Icon'
import type { Tone } from './StatusBadge'
import { Time } from './Values'
import './parts.css'

export type Moment = {
  id: string
  at: string
  title: ReactNode
  tone?: Tone
  icon?: IconName
  /** Further facts, below the title. */
  detail?: ReactNode
}

const ICONS: Record<Tone, IconName> = { good: 'check', bad: 'cross', warn: 'alert', info: 'clock', quiet: 'circle' }
/** A shorter time between two moments is not worth a word. */
const GAP_MS = 1_000

export function Timeline({ moments, label }: { moments: Moment[]; label: string }): ReactNode {
  const t = useT()
  const format = useFormat()
  return (
    <ol className="o-timeline" aria-label={label}>
      {moments.map((moment, place) => {
        const before = moments[place - 1]
        const passed = before === undefined ? 0 : Date.parse(moment.at) - Date.parse(before.at)
        const tone = moment.tone ?? 'quiet'
        return (
          <li key={moment.id}>
            <span className="o-timeline-mark" data-tone={tone}>
              <Icon name={moment.icon ?? ICONS[tone]} size={13} />
            </span>
            <div className="o-timeline-head">
              <span className="o-timeline-title">{moment.title}</span>
              <span className="o-timeline-when">
                <Time at={moment.at} as="absolute" />
              </span>
              {passed >= GAP_MS && <span className="o-timeline-gap">{t('parts.after', { time: format.duration(passed) })}</span>}
            </div>
            {moment.detail}
          </li>
        )
      })}
    </ol>
  )
}
