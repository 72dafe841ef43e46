// Which errors cost most? The messages that did not arrive, by error; each with what it means and what to do.
import type { ReactNode } from 'react'
import { Rich } from '../i18n/Rich'
import { useT } from '../i18n/i18n'
import { useAdvice, useErrorText } from '../messages/errors'
import { type MessagesSearch, NONE } from '../messages/shape'
import { useFormat } from '../parts/format'
import { Ident, ServerWords } from '../parts/Values'
import { Bars, FigureTable } from './Bars'
import { type Group, groupsOf, LOST, messagesOf, type Row } from './figures'
import { Counted, Sums, useSumsText } from './names'
import { Question } from './Question'
import { useCompared, type View } from './useReports'
import { listOf } from './view'

const groups = (rows: readonly Row[], before: readonly Row[]): Group[] => groupsOf(rows, before, (row) => row.error ?? null, LOST)

export function Errors({ view }: { view: View }): ReactNode {
  const t = useT()
  const format = useFormat()
  const error = useErrorText()
  const advice = useAdvice()
  const sums = useSumsText()
  const found = useCompared(view, { by: 'error,status' })
  const nameOf = (code: string | null): string => (code === null ? t('analytics.noError') : error({ code, title: code }))
  const listFor = ({ value }: Group): MessagesSearch =>
    listOf(view.search, view.spans, { error_code: (value ?? NONE) as MessagesSearch['error_code'], status: [...LOST] })
  const number = (group: Group): ReactNode => <Counted value={group.messages} to={listFor(group)} />

  return (
    <Question
      name="errors"
      view={view}
      found={found}
      isEmpty={(rows) => groups(rows, []).length === 0}
      answer={(rows, before) => {
        const all = groups(rows, before)
        const [first] = all
        if (first === undefined) return null
        const charged = sums(first.price)
        return (
          <Rich
            id={charged === '' ? 'analytics.a.errors' : 'analytics.a.errorsCharged'}
            values={{ error: nameOf(first.value), number: number(first), share: format.percent(first.messages / messagesOf(all)), ...(charged !== '' && { amount: <bdi dir="ltr">{charged}</bdi> }) }}
          />
        )
      }}
      chart={(rows, before) => (
        <Bars
          label={t('analytics.q.errors')}
          axis={t('analytics.axisLost')}
          bars={groups(rows, before).map((group) => ({
            key: group.value ?? '',
            name: group.value === null ? nameOf(null) : <ErrorName code={group.value} name={nameOf(group.value)} />,
            about: group.value === null ? undefined : advice(group.value),
            value: group.messages,
            before: before.length === 0 ? null : group.before,
            text: <bdi dir="ltr">{format.number(group.messages)}</bdi>,
            more: sums(group.price) === '' ? undefined : t('analytics.charged', { amount: sums(group.price) }),
            to: listFor(group),
          }))}
        />
      )}
      table={(rows, before) => (
        <FigureTable
          label={t('analytics.q.errors')}
          head={[t('analytics.error'), t('analytics.code'), t('analytics.lost'), t('analytics.before'), t('analytics.chargedHead')]}
          rows={groups(rows, before).map((group) => ({
            key: group.value ?? '',
            cells: [nameOf(group.value), <Ident key="code">{group.value}</Ident>, <span key="lost">{number(group)}</span>, format.number(group.before), <Sums key="price" amounts={group.price} />],
          }))}
        />
      )}
    />
  )
}

/** Our words for an error, or the code that we have none for. */
function ErrorName({ code, name }: { code: string; name: string }): ReactNode {
  return code === name ? <ServerWords>{code}</ServerWords> : name
}
