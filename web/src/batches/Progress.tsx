// How far a batch is: a bar, a sentence of what its messages wait for, and the number of each status, which leads to its messages.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { MessageStatus, type Status } from '../messages/message'
import { STATUSES } from '../messages/shape'
import { useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { Count } from '../parts/Values'
import { endedOf, GROUPS, type Progress, sharesOf, statusesOf, waitsOf } from './batch'
import './batches.css'

export function ProgressBar({ batch }: { batch: Progress }): ReactNode {
  const t = useT()
  const format = useFormat()
  const shares = sharesOf(batch)
  return (
    <div className="o-batch-progress">
      <span className="o-batch-bar" aria-hidden="true">
        {GROUPS.map((group) => shares[group] > 0 && <span key={group} data-group={group} style={{ inlineSize: `${shares[group] * 100}%` }} />)}
      </span>
      <span>{t('batches.progress', { ended: format.number(endedOf(batch)), all: format.number(batch.size - batch.refused) })}</span>
    </div>
  )
}

/** What happens to it now, in a sentence. */
export function WhatNow({ batch }: { batch: Progress }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (batch.accepted_at === null) return t('batches.now.accepting', { done: format.number(batch.accepted), size: format.number(batch.size) })
  if (batch.accepted === 0) return t('batches.now.none')
  const waits = waitsOf(batch).map(([status, count]) => t(`batches.now.${status}`, { number: format.number(count) }))
  return waits.length === 0 ? t('batches.now.ended') : t('batches.now.waits', { what: format.list(waits) })
}

/** How many of each status there are. Each leads to the messages that it counts. */
export function Counts({ batch }: { batch: Progress }): ReactNode {
  const t = useT()
  const found = statusesOf(batch)
  if (found.length === 0) return null
  return (
    <ul className="o-batch-counts" aria-label={t('messages.by.status')}>
      {found.map(([status, count]) => (
        <li key={status}>
          {isKnown(status) ? (
            <TextLink to="/messages" search={{ batch_id: batch.id, status: [status] }}>
              <MessageStatus status={status} /> <Count value={count} />
            </TextLink>
          ) : (
            <>
              {status} <Count value={count} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

const isKnown = (status: string): status is Status => STATUSES.some((known) => known === status)
