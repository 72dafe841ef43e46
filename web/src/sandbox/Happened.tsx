// What happened, step by step: what was done, what became of it, and what webhooks got of it, as one timeline.
import { Code } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Rich } from '../i18n/Rich'
import type { Entry } from '../messages/history'
import { useMoments } from '../messages/moments'
import { IdLink } from '../parts/IdLink'
import { Found } from '../parts/States'
import { type Moment, Timeline } from '../parts/Timeline'
import { PhoneNumber, Words } from '../parts/Values'
import { Wire } from '../webhooks/Wire'
import type { Seen } from './judge'
import type { Played } from './play'
import '../messages/message.css'

/** The timeline of steps; before its first step there is none. */
export function Happened({ steps }: { steps: readonly Played[] }): ReactNode {
  const t = useT()
  const moments = useHappened()(steps)
  return moments.length === 0 ? null : <Timeline moments={moments} label={t('sandbox.happened')} />
}

function useHappened(): (steps: readonly Played[]) => Moment[] {
  const momentsOf = useMoments()
  const ofMessage = ({ message, entries }: Seen): Moment[] =>
    momentsOf(entries).map((moment, place) => {
      const entry = entries[place]
      return {
        ...moment,
        id: `${message.id} ${moment.id}`,
        ...(place === 0 ? { title: <Begins message={message}>{moment.title}</Begins> } : {}),
        ...(entry?.type === 'delivery' ? { detail: <>{moment.detail}<OnTheWire entry={entry} /></> } : {}),
      }
    })
  return (steps) =>
    steps
      .flatMap((played, place) => [...doneBy(played, `${place}`), ...played.seen.flatMap(ofMessage)])
      // What stands at the same moment keeps its order: first what we did, then what came of it.
      .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** What a step does beside sending, which the history of its message tells. */
function doneBy({ step, at, carrier }: Played, id: string): Moment[] {
  if (step.do === 'write') {
    return [{ id, at, icon: 'messages', tone: 'info', title: <Rich id="sandbox.writes" values={{ number: <PhoneNumber key="n" value={step.from} />, text: <Words key="t">{step.text}</Words> }} /> }]
  }
  if (step.do === 'down') return [{ id, at, icon: 'plug', tone: 'warn', title: <Rich id="sandbox.goesDown" values={{ carrier: <Words key="c">{carrier ?? ''}</Words> }} /> }]
  return []
}

/** The first entry of a message says which one it is. */
function Begins({ message, children }: { message: Seen['message']; children: ReactNode }): ReactNode {
  const t = useT()
  const inbound = message.direction === 'inbound'
  return (
    <>
      {children}{' '}
      <span className="o-sandbox-whose">
        <IdLink id={message.id}>
          {inbound ? t('sandbox.fromNumber') : t('sandbox.toNumber')} <PhoneNumber value={inbound ? message.from : message.to} />
        </IdLink>
        {inbound && message.text !== null && <> · <q dir="auto">{message.text}</q></>}
      </span>
    </>
  )
}

type DeliveryEntry = Extract<Entry, { type: 'delivery' }>

/** The request and the answer of a delivery: read when it is opened. */
function OnTheWire({ entry }: { entry: DeliveryEntry }): ReactNode {
  const t = useT()
  const [open, setOpen] = useState(false)
  return (
    <details className="o-raw" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('sandbox.wire')}</summary>
      {open && <Tries id={entry.delivery_id} status={entry.status} attempts={entry.attempts} />}
    </details>
  )
}

/** Every attempt at a delivery. It is read again when its state has changed. */
export function Tries({ id, status, attempts }: { id: string; status: string; attempts: number }): ReactNode {
  const t = useT()
  const api = useApi()
  const query = useQuery({
    queryKey: ['/v1/deliveries', id, status, attempts],
    queryFn: () => take(api.GET('/v1/deliveries/{id}', { params: { path: { id } } })),
  })
  return (
    <Found query={query} rows={2}>
      {({ tries }) => (tries.length === 0 ? <Code>{t('webhooks.noTries')}</Code> : tries.map((each) => <Wire key={each.attempt} shown={each} />))}
    </Found>
  )
}
