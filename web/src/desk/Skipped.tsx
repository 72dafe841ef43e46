// The messages that a job skipped, each with the reason.
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { IdLink } from '../parts/IdLink'
import { type RowOf, useList } from '../parts/useList'
import { Ident } from '../parts/Values'
import { type Job, SKIPPED } from './desk'

const REASONS = ['expired', 'being_sent', 'partly_taken', 'held_by_rule', 'nothing_to_do', 'changed', 'too_late', 'not_terminal', 'not_found'] as const

/** A reason in words: one that jobs have of their own, or the code of a refusal. */
export function useReasonWords(): (reason: string) => ReactNode {
  const t = useT()
  return (reason) => {
    const known = REASONS.find((each) => each === reason)
    return known === undefined ? <Ident>{reason}</Ident> : t(`desk.reason.${known}`)
  }
}

export function Skipped({ job, every }: { job: Job; every: number }): ReactNode {
  const t = useT()
  const words = useReasonWords()
  const list = useList(SKIPPED, { limit: 100 }, { path: { id: job.id }, every: job.status === 'running' ? every : undefined })
  const columns: Column<RowOf<typeof SKIPPED>>[] = [
    { name: 'message', title: t('desk.message'), width: 'minmax(12rem, 1fr)', cell: (row) => <IdLink id={row.message_id} /> },
    { name: 'why', title: t('desk.why'), width: 'minmax(12rem, 2fr)', cell: (row) => words(row.reason) },
  ]
  return (
    <section aria-labelledby="skipped">
      <h2 id="skipped">{t('desk.skipped')}</h2>
      <DataList list={list} columns={columns} label={t('desk.skipped')} rowKey={(row) => row.message_id} empty={<Text c="dimmed">{t('desk.noneSkipped')}</Text>} />
    </section>
  )
}
