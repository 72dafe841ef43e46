// What several pages say of a saved report.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import type { IconName } from '../parts/Icon'
import { weekdayName } from '../parts/calendar'
import { useFormat } from '../parts/format'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Ident } from '../parts/Values'
import { isDimension, namesIn, type Run, type SavedReport, type State, stateOf, WEEKDAYS } from './report'

const LOOKS: Record<State, { tone: Tone; icon?: IconName }> = {
  stopped: { tone: 'bad', icon: 'stop' },
  paused: { tone: 'warn', icon: 'pause' },
  scheduled: { tone: 'good', icon: 'clock' },
  manual: { tone: 'quiet' },
}

export function ReportState({ report }: { report: SavedReport }): ReactNode {
  const t = useT()
  const state = stateOf(report)
  return <StatusBadge {...LOOKS[state]}>{t(`reports.state.${state}`)}</StatusBadge>
}

const TONES: Record<Run['status'], Tone> = { waiting: 'info', delivered: 'good', partly_delivered: 'warn', failed: 'bad', refused: 'bad' }

export function RunState({ run }: { run: Run }): ReactNode {
  const t = useT()
  return <StatusBadge tone={TONES[run.status]}>{t(`reports.run.${run.status}`)}</StatusBadge>
}

export function useScheduleText(): (schedule: SavedReport['schedule']) => string {
  const t = useT()
  const format = useFormat()
  return (schedule) => {
    if (schedule === null) return t('reports.never')
    const { every, at, weekdays = [], days = [] } = schedule
    if (every === 'day') return t('reports.each.day', { at })
    if (every === 'week') return t('reports.each.week', { at, days: format.list(weekdays.map((name) => weekdayName(WEEKDAYS.findIndex((each) => each === name)))) })
    return t('reports.each.month', { at, days: format.list(days.map((day) => format.number(day))) })
  }
}

export function useSpanText(): (span: SavedReport['span']) => string {
  const t = useT()
  return ({ last = 7, unit = 'day', current = false }) =>
    last === 0 ? t(`reports.this.${unit}`) : current ? t(`reports.lastAnd.${unit}`, { count: last }) : t(`reports.last.${unit}`, { count: last })
}

/** By what it counts. */
export function Counts({ report: { query } }: { report: SavedReport }): ReactNode {
  const t = useT()
  const format = useFormat()
  const by = namesIn(query.by)
  return (
    <>
      {by.length === 0 ? t('reports.total') : format.list(by.map((name) => (isDimension(name) ? t(`reports.dimension.${name}`) : name)))}
      {query.step != null && <> · {t(`reports.step.${query.step}`)}</>}
    </>
  )
}

export function Target({ report: { recipients, url } }: { report: SavedReport }): ReactNode {
  const t = useT()
  if (url !== null) return <Ident>{url}</Ident>
  return recipients.length === 0 ? t('reports.target.nobody') : <Ident>{recipients.join(', ')}</Ident>
}
