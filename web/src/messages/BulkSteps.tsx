// The steps before a job: where to, how many messages of which status, some of them, and the number to type.
//
// Rules kept here:
// - nothing is changed before the number is typed that the server counted;
// - what is counted is what the job is asked for, word for word.
import { Autocomplete, Button, Group, Radio, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useQueries, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { isRefusal, type Refusal } from '../api/problem'
import { type Session, useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { RefusalText } from '../parts/RefusalText'
import { Found } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, PhoneNumber, Time } from '../parts/Values'
import { isNumber, type JobFilter, type Kind, numberOf, type Waiting } from './bulk'
import { MessageLines, MESSAGES, otherEnd } from './message'

type Target = { route: string } | { carrier: string }

type Props = {
  kind: Kind
  filter: JobFilter
  /** The statuses that are meant. */
  statuses: readonly Waiting[]
  /** The session in which the messages can be read; null: they are of several accounts. */
  here: Session | null
  onStarted: (job: string) => void
  onClose: () => void
}

export function BulkSteps(props: Props): ReactNode {
  const [target, setTarget] = useState<Target | null>(null)
  return (
    <>
      {props.kind === 'reroute' && <TargetChoice onChange={setTarget} />}
      {(props.kind !== 'reroute' || target !== null) && <Count key={JSON.stringify(target)} {...props} target={target} />}
    </>
  )
}

function TargetChoice({ onChange }: { onChange: (target: Target | null) => void }): ReactNode {
  const t = useT()
  const mayRoutes = useMay('GET /v1/routes')
  const mayCarriers = useMay('GET /v1/carriers')
  const [what, setWhat] = useState<'carrier' | 'route'>('carrier')
  const [name, setName] = useState('')
  const routes = useList('/v1/routes', { limit: 200 }, { enabled: mayRoutes })
  const carriers = useList('/v1/carriers', { limit: 200 }, { enabled: mayCarriers })
  const names = (what === 'route' ? routes : carriers).rows.map((row) => row.name)
  const told = (to: string): void => onChange(to.trim() === '' ? null : what === 'route' ? { route: to.trim() } : { carrier: to.trim() })
  const choices = (['carrier', 'route'] as const).map((value) => ({ value, label: t(`messages.bulk.to.${value}`) }))
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label={t('messages.bulk.to')}
        data={choices}
        value={what}
        onChange={(to) => {
          setWhat(to === 'route' ? 'route' : 'carrier')
          setName('')
          onChange(null)
        }}
      />
      <Autocomplete label={t(`messages.bulk.to.${what}`)} data={[...new Set(names)]} value={name} onChange={setName} onOptionSubmit={told} onBlur={() => told(name)} data-autofocus />
    </Stack>
  )
}

function Count({ here, kind, target, filter, statuses, onStarted, onClose }: Props & { target: Target | null }): ReactNode {
  const api = useApi()
  const [chosen, setChosen] = useState<Waiting | null>(statuses.length === 1 ? (statuses[0] ?? null) : null)
  const asked = chosen === null ? filter : { ...filter, status: chosen }
  const ask = (wanted: JobFilter, dry_run: boolean) => {
    const body = { filter: wanted, dry_run }
    if (kind === 'cancel') return take(api.POST('/v1/messages/cancel', { body }))
    if (kind === 'requeue') return take(api.POST('/v1/messages/requeue', { body }))
    return take(api.POST('/v1/messages/reroute', { body: { ...body, to: target ?? {} } }))
  }
  const look = (wanted: JobFilter) => ({
    queryKey: ['bulk', kind, target, wanted],
    queryFn: async () => {
      const found = await ask(wanted, true)
      if ('kind' in found) throw new Error('a job was started in place of a count')
      return found
    },
    staleTime: 0,
    gcTime: 0,
  })
  const start = async (): Promise<void> => {
    const started = await ask(asked, false)
    if ('kind' in started) onStarted(started.id)
  }
  const counted = useQuery(look(filter))
  const sampled = useQuery(look(asked))
  return (
    <Found query={counted} rows={3}>
      {(found) => {
        const total = numberOf(found.by_status, chosen === null ? statuses : [chosen])
        return (
          <>
            <Statuses counts={found.by_status} statuses={statuses} chosen={chosen} onChange={setChosen} />
            <Sample here={here} ids={sampled.data?.sample ?? []} />
            <Confirm key={total} kind={kind} total={total} onClose={onClose} onConfirm={start} />
          </>
        )
      }}
    </Found>
  )
}

type StatusesProps = { counts: Record<string, number>; statuses: readonly Waiting[]; chosen: Waiting | null; onChange: (to: Waiting | null) => void }

/** How many of each status there are; all of them, or those of one status. */
function Statuses({ counts, statuses, chosen, onChange }: StatusesProps): ReactNode {
  const t = useT()
  const format = useFormat()
  return (
    <Radio.Group label={t('messages.bulk.which')} value={chosen ?? 'all'} onChange={(to) => onChange(statuses.find((status) => status === to) ?? null)}>
      <Stack gap={6} mt={4}>
        {statuses.length > 1 && <Radio value="all" label={t('messages.bulk.whichAll', { number: format.number(numberOf(counts, statuses)) })} />}
        {statuses.map((status) => (
          <Radio key={status} value={status} label={t('messages.bulk.whichOne', { status: t(`messages.status.${status}`), number: format.number(counts[status] ?? 0) })} />
        ))}
      </Stack>
    </Radio.Group>
  )
}

const SHOWN = 5

/** Some of the messages, so that one sees whether they are the ones one means. */
function Sample({ here, ids }: { here: Session | null; ids: readonly string[] }): ReactNode {
  const t = useT()
  if (ids.length === 0) return null
  return (
    <section aria-labelledby="bulk-sample">
      <h3 className="o-section" id="bulk-sample">
        {t('messages.bulk.sample')}
      </h3>
      {here === null ? (
        <ul className="o-bulk-sample">
          {ids.slice(0, SHOWN).map((id) => (
            <li key={id}>
              <Ident>{id}</Ident>
            </li>
          ))}
        </ul>
      ) : (
        <Texts here={here} ids={ids} />
      )}
    </section>
  )
}

function Texts({ here, ids }: { here: Session; ids: readonly string[] }): ReactNode {
  const queries = ids.slice(0, SHOWN).map((id) => ({
    queryKey: [MESSAGES, id],
    queryFn: () => take(here.api.GET('/v1/messages/{id}', { params: { path: { id } } })),
  }))
  const found = useQueries({ queries }, here.queries)
  const messages = found.flatMap(({ data }) => (data === undefined ? [] : [data]))
  return (
    <ul className="o-bulk-sample">
      {messages.map((message) => (
        <li key={message.id}>
          <Time at={message.created_at} as="short" /> <PhoneNumber value={otherEnd(message)} />{' '}
          <MessageLines message={message} />
        </li>
      ))}
    </ul>
  )
}

type ConfirmProps = { kind: Kind; total: number; onClose: () => void; onConfirm: () => Promise<void> }

function Confirm({ kind, total, onClose, onConfirm }: ConfirmProps): ReactNode {
  const t = useT()
  const format = useFormat()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  if (total === 0) return <Text role="status">{t('messages.bulk.nothing')}</Text>
  const ready = isNumber(typed, total)
  const confirm = async (): Promise<void> => {
    if (!ready || busy) return
    setBusy(true)
    setRefusal(null)
    try {
      await onConfirm()
    } catch (error) {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void confirm()
      }}
    >
      <Stack>
        <TextInput label={t('parts.typeToConfirm', { text: format.number(total) })} value={typed} inputMode="numeric" autoComplete="off" dir="ltr" onChange={(event) => setTyped(event.currentTarget.value)} />
        {refusal !== null && (
          <div role="alert" className="o-refused">
            <RefusalText refusal={refusal} />
          </div>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <Button type="submit" color={kind === 'cancel' ? 'red.9' : undefined} loading={busy} disabled={!ready}>
            {t(`messages.bulk.do.${kind}`, { count: total })}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
