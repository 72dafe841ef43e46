// What both pages say of a job.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { Named } from '../parts/Named'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Ident } from '../parts/Values'
import { filterOf, type Job, resultOf } from './desk'
import './desk.css'

const TONES: Record<Job['status'], Tone> = { running: 'info', done: 'good', stopped: 'warn', failed: 'bad' }

export function JobState({ job }: { job: Job }): ReactNode {
  const t = useT()
  return <StatusBadge tone={TONES[job.status]}>{t(`desk.status.${job.status}`)}</StatusBadge>
}

/** How far it is: what was changed, and what was left as it was, of all that matched. */
export function Progress({ job }: { job: Job }): ReactNode {
  const t = useT()
  const format = useFormat()
  const { changed, left } = resultOf(job)
  const all = Math.max(job.total, changed + left, 1)
  return (
    <span className="o-progress">
      <span className="o-progress-bar" aria-hidden="true">
        <span style={{ inlineSize: `${(changed / all) * 100}%` }} />
        <span data-left style={{ inlineSize: `${(left / all) * 100}%` }} />
      </span>
      <span>
        {t('desk.progress', { done: format.number(changed), total: format.number(job.total) })}
        {left > 0 && ` · ${t('desk.left', { count: left })}`}
      </span>
    </span>
  )
}

export function JobFilter({ job }: { job: Job }): ReactNode {
  const t = useT()
  const filter = filterOf(job)
  if (filter.length === 0) return t('desk.everything')
  return filter.map(([field, value]) => (
    <span key={`${field}=${value}`} className="o-job-filter">
      <Ident>{`${field}=`}</Ident>
      {/^(acc|car|rte)_/.test(value) ? <Named id={value} /> : <Ident>{value}</Ident>}{' '}
    </span>
  ))
}
