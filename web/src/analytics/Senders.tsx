// Who sends how much? The outgoing messages by the sender that the recipient sees.
import type { ReactNode } from 'react'
import { Rich } from '../i18n/Rich'
import { useT } from '../i18n/i18n'
import type { MessagesSearch } from '../messages/shape'
import { useFormat } from '../parts/format'
import { PhoneNumber } from '../parts/Values'
import { Bars, FigureTable } from './Bars'
import { type Group, groupsOf, messagesOf, OUTGOING, type Row } from './figures'
import { Counted, Sums, useSumsText } from './names'
import { Question } from './Question'
import { useCompared, type View } from './useReports'
import { listOf } from './view'

/** Senders beyond the limit of an account are counted together under this name. */
const OTHER = '(other)'

const groups = (rows: readonly Row[], before: readonly Row[]): Group[] => groupsOf(rows, before, (row) => row.sender ?? null, OUTGOING)

export function Senders({ view }: { view: View }): ReactNode {
  const t = useT()
  const format = useFormat()
  const sums = useSumsText()
  const found = useCompared(view, { by: 'sender,status' })
  const listFor = ({ value }: Group): MessagesSearch | undefined =>
    value === null || value === OTHER ? undefined : listOf(view.search, view.spans, { sender_shown: value, direction: 'outbound' })
  const name = ({ value }: Group): ReactNode => (value === OTHER ? t('analytics.otherSenders') : <PhoneNumber value={value} />)
  const number = (group: Group): ReactNode => <Counted value={group.messages} to={listFor(group)} />

  return (
    <Question
      name="senders"
      view={view}
      found={found}
      isEmpty={(rows) => groups(rows, []).length === 0}
      answer={(rows, before) => {
        const all = groups(rows, before)
        const [first] = all
        if (first === undefined) return null
        const total = messagesOf(all)
        return (
          <Rich
            id="analytics.a.senders"
            values={{
              sender: name(first),
              number: number(first),
              total: <Counted value={total} to={listOf(view.search, view.spans, { direction: 'outbound' })} />,
              share: format.percent(first.messages / total),
            }}
          />
        )
      }}
      chart={(rows, before) => (
        <Bars
          label={t('analytics.q.senders')}
          axis={t('analytics.axisMessages')}
          bars={groups(rows, before).map((group) => ({
            key: group.value ?? '',
            name: name(group),
            value: group.messages,
            before: before.length === 0 ? null : group.before,
            text: <bdi dir="ltr">{format.number(group.messages)}</bdi>,
            more: sums(group.price) === '' ? undefined : sums(group.price),
            to: listFor(group),
          }))}
        />
      )}
      table={(rows, before) => (
        <FigureTable
          label={t('analytics.q.senders')}
          head={[t('analytics.f.sender'), t('analytics.messages'), t('analytics.before'), t('analytics.deliveredCount'), t('analytics.price')]}
          rows={groups(rows, before).map((group) => ({
            key: group.value ?? '',
            cells: [
              name(group),
              <span key="messages">{number(group)}</span>,
              format.number(group.before),
              listFor(group) === undefined ? format.number(group.statuses.delivered ?? 0) : <Counted key="delivered" value={group.statuses.delivered ?? 0} to={{ ...listFor(group), status: ['delivered'] }} />,
              <Sums key="price" amounts={group.price} />,
            ],
          }))}
        />
      )}
    />
  )
}
