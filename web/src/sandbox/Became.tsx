// What became of a message to a number with a fixed outcome: whether it is what the number promises, and how it came to it.
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { isRefusal } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { isOpen, isPending } from '../messages/history'
import { MESSAGES } from '../messages/message'
import { IdLink } from '../parts/IdLink'
import { Found } from '../parts/States'
import { PhoneNumber } from '../parts/Values'
import { Happened } from './Happened'
import { isPassed, isSettled, judge, type Seen } from './judge'
import { About, endOf, useFixed } from './outcomes'
import { withAnswers } from './play'
import { Checks, Verdict } from './Result'
import { useEndpoints } from './Told'

/** How often it is read while something may still come (a late receipt, an answer of the handset, a webhook), and how
 * often after that, if the message is open still: it may be for days. */
const EVERY_MS = 1_000
const SELDOM_MS = 5_000
const PATIENCE_MS = 20_000

export function Became({ id }: { id: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const [opened] = useState(() => Date.now())
  const query = useQuery({
    queryKey: [MESSAGES, id, 'sandbox'],
    queryFn: () => withAnswers(api, id),
    refetchInterval: ({ state }) => (Date.now() - opened < PATIENCE_MS ? EVERY_MS : state.data !== undefined && isGoing(state.data) ? SELDOM_MS : false),
  })
  // A message of the other mode does not exist here.
  if (isRefusal(query.error, 'not_found') && query.data === undefined) return <p className="o-sandbox-hint">{t('sandbox.click')}</p>
  return (
    <section className="o-sandbox-became" aria-labelledby="became">
      <h2 id="became">{t('sandbox.became')}</h2>
      <Found query={query} rows={4}>
        {(seen) => <Shown seen={seen} over={query.dataUpdatedAt - opened > PATIENCE_MS} />}
      </Found>
    </section>
  )
}

const isGoing = (seen: readonly Seen[]): boolean => seen.some(({ message, entries }) => isOpen(message.status) || isPending(entries))

function Shown({ seen, over }: { seen: Seen[]; over: boolean }): ReactNode {
  const t = useT()
  const fixed = useFixed()
  const endpoints = useEndpoints()
  const message = seen[0]?.message
  if (message === undefined) return null
  const number = fixed.data?.data.find((each) => each.number === message.to)
  const end = number === undefined ? null : endOf(number)
  const wants = end === null ? null : { status: end.status, ...(end.error === null ? {} : { error: end.error }) }
  const checks = wants === null || endpoints.data === undefined ? [] : judge(wants, seen, endpoints.data, over && !isOpen(message.status))
  const state = isPassed(checks) ? 'passed' : isSettled(checks) ? 'failed' : 'playing'
  return (
    <>
      <p className="o-sandbox-verdict">
        {wants !== null && <Verdict state={state} />}
        <IdLink id={message.id}><PhoneNumber value={message.to} /></IdLink>
      </p>
      {number !== undefined && <p className="o-phone-quiet"><About number={number} /></p>}
      <Checks checks={checks} />
      <h3>{t('sandbox.happened')}</h3>
      <Happened steps={[{ step: { do: 'send', to: message.to, wants: wants ?? { status: message.status } }, at: message.created_at, seen, checks }]} />
    </>
  )
}
