// One capture: its PDUs in their order, and one of them taken apart beside the list.
import { Button, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { digits, flag, text } from '../app/search'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { SideDialog } from '../parts/SideDialog'
import { Found, NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Ident, PhoneNumber } from '../parts/Values'
import { useEnd } from './actions'
import { type Capture, CAPTURES, CaptureState, type Decoded, EVERY_MS, type Pdu, PDUS, Size, Subject, useSubject } from './capture'
import { BindOf, Command, Status } from './pdu'
import { PduView } from './PduView'
import './captures.css'

const DeleteCapture = lazy(() => import('./DeleteCapture').then((found) => ({ default: found.DeleteCapture })))

/** The commands that links of messages carry; any other is found by its sequence or number. */
const COMMANDS = [
  'submit_sm', 'submit_sm_resp', 'deliver_sm', 'deliver_sm_resp', 'data_sm', 'data_sm_resp', 'submit_multi', 'submit_multi_resp', 'enquire_link', 'enquire_link_resp',
  'bind_transceiver', 'bind_transceiver_resp', 'bind_transmitter', 'bind_transmitter_resp', 'bind_receiver', 'bind_receiver_resp', 'unbind', 'unbind_resp',
  'query_sm', 'query_sm_resp', 'cancel_sm', 'cancel_sm_resp', 'replace_sm', 'replace_sm_resp', 'generic_nack', 'outbind', 'alert_notification',
]
/** Up to here a growing list is read again by itself. */
const FOLLOWED = 1_000

export function CapturePage(): ReactNode {
  const { id } = useParams({ from: '/shell/captures/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [CAPTURES, id],
    queryFn: ({ signal }) => take(api.GET('/v1/captures/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (found) => (found.state.data?.status === 'running' ? EVERY_MS : false),
  })
  return <FoundPage query={query}>{(capture) => <OneCapture capture={capture} />}</FoundPage>
}

function OneCapture({ capture }: { capture: Capture }): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/captures/$id' })
  const [deleting, setDeleting] = useState(false)
  const { stop, download } = useEnd(capture, useQueryClient())
  const subject = useSubject(capture)
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t('captures.one', { name: subject })}
        about={
          <>
            <CaptureState capture={capture} /> · <Subject capture={capture} /> · {t('captures.pduCount', { count: capture.frames })} · <Size bytes={capture.bytes} />
          </>
        }
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/captures/{id}/pdus', path: { id: capture.id } }} />
            {capture.status === 'running' && (
              <Act calls="POST /v1/captures/{id}/stop" variant="default" leftSection={<Icon name="stop" />} onClick={() => void stop()}>
                {t('captures.stop')}
              </Act>
            )}
            <Act calls="DELETE /v1/captures/{id}" ends leftSection={<Icon name="trash" />} onClick={() => setDeleting(true)}>
              {t('captures.delete')}
            </Act>
            <Act calls="GET /v1/captures/{id}/file" leftSection={<Icon name="download" />} onClick={() => void download()}>
              {t('captures.download')}
            </Act>
          </>
        }
      />
      {!capture.bodies && (
        <Text size="sm" c="dimmed" mb="sm">
          <Icon name="lock" size={14} /> {t('captures.maskedAbout')}
        </Text>
      )}
      <Pdus capture={capture} />
      <Suspense>
        {deleting && <DeleteCapture capture={capture} onClose={() => setDeleting(false)} onDeleted={() => void navigate({ to: '/captures' })} />}
      </Suspense>
    </>
  )
}

function Pdus({ capture }: { capture: Capture }): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/captures/$id' })
  const { command, sequence, number, failed, pdu: open } = useSearch({ from: '/shell/captures/$id' })
  const beside = useMediaQuery('(min-width: 75em)', true, { getInitialValueInEffect: false })
  const follows = capture.status === 'running' && capture.frames <= FOLLOWED
  const list = useList(
    PDUS,
    { command, sequence: sequence === undefined ? undefined : Number(sequence), number, failed, limit: 200 },
    { path: { id: capture.id }, every: follows ? EVERY_MS : undefined },
  )
  const value: Filters = { command, sequence, number, failed: failed === true ? 'true' : undefined }
  const fields: FilterField[] = [
    { name: 'command', label: t('captures.command'), kind: 'choice', options: COMMANDS.map((name) => ({ value: name, label: name })) },
    { name: 'failed', label: t('captures.failed'), kind: 'choice', options: [{ value: 'true', label: t('captures.failedOnly') }] },
    { name: 'number', label: t('captures.number'), kind: 'text', accepts: (typed) => /^\+\d{3,15}$|^\d{5,15}$/.test(typed) },
    { name: 'sequence', label: t('captures.sequence'), kind: 'text', accepts: (typed) => /^\d{1,4}$/.test(typed), reads: digits },
  ]
  const filter = (to: Filters): void =>
    void navigate({ search: (before) => ({ ...before, command: text(to.command), sequence: digits(to.sequence), number: text(to.number), failed: flag(to.failed) }) })
  const show = (pdu: number | undefined): void => void navigate({ search: (before) => ({ ...before, pdu }), resetScroll: false })
  // The arrows go through the list, while one of it is open beside it.
  const step = (event: KeyboardEvent<HTMLDivElement>): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0 || open === undefined || !(event.target instanceof HTMLElement) || event.target.dataset.pdu === undefined) return
    const next = list.rows[list.rows.findIndex((pdu) => pdu.number === open) + by]
    if (next === undefined) return
    event.preventDefault()
    show(next.number)
    event.currentTarget.querySelector<HTMLElement>(`[data-pdu="${next.number}"]`)?.focus()
  }
  const narrow = open !== undefined && beside
  const columns = useColumns(narrow ? 'few' : beside ? 'all' : 'some')
  return (
    <>
      <FilterBar label={t('captures.filter')} fields={fields} value={value} onChange={filter} />
      <div className="o-pdus" data-open={narrow}>
        <div className="o-pdus-list" onKeyDown={step}>
          <DataList
            list={list}
            columns={columns}
            label={t('captures.pdus')}
            rowKey={(pdu) => String(pdu.number)}
            rowTone={(pdu) => (pdu.number === open ? 'open' : pdu.command.startsWith('enquire_link') ? 'faded' : undefined)}
            empty={<NothingYet icon="pulse" title={t('captures.noPdus')} about={capture.status === 'running' ? t('captures.noPdusYet') : t('captures.noPdusAbout')} />}
            onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
          />
          {capture.status === 'running' && !follows && (
            <Button mt="xs" variant="default" leftSection={<Icon name="refresh" />} loading={list.isRefetching} onClick={() => void list.refetch()}>
              {t('captures.refresh')}
            </Button>
          )}
        </div>
        {open !== undefined && beside && (
          <section className="o-pdus-one" aria-label={t('captures.pdu')}>
            <OnePdu capture={capture} number={open} onClose={() => show(undefined)} />
          </section>
        )}
      </div>
      {open !== undefined && !beside && (
        <SideDialog onClose={() => show(undefined)} title={t('captures.pdu')}>
          <OnePdu capture={capture} number={open} />
        </SideDialog>
      )}
    </>
  )
}

/** What is left of the columns beside an open PDU, and where there is no room for all of them. */
const FEW = ['number', 'at', 'command', 'status']
const SOME = [...FEW, 'sequence', 'numbers']

function useColumns(room: 'few' | 'some' | 'all'): Column<Pdu>[] {
  const t = useT()
  const narrow = room === 'few'
  const format = useFormat()
  const columns: Column<Pdu>[] = [
    {
      name: 'number', title: t('captures.place'), width: narrow ? '2.6rem' : '3.5rem',
      cell: (pdu) => (
        <TextLink data-pdu={pdu.number} from="/captures/$id" to="/captures/$id" params={(before) => before} search={(before) => ({ ...before, pdu: pdu.number })} resetScroll={false} aria-label={t('captures.open', { number: format.number(pdu.number), command: pdu.command })}>
          <Count value={pdu.number} />
        </TextLink>
      ),
    },
    { name: 'at', title: t('captures.time'), width: narrow ? '6.5rem' : '7rem', cell: (pdu) => <time dateTime={pdu.at} title={format.moment(pdu.at)}><bdi dir="ltr">{format.instant(pdu.at)}</bdi></time> },
    { name: 'command', title: t('captures.command'), width: narrow ? 'minmax(8.6rem, 1fr)' : 'minmax(12rem, 1.3fr)', cell: (pdu) => <Command pdu={pdu} /> },
    { name: 'sequence', title: t('captures.sequence'), width: '5rem', align: 'end', cell: (pdu) => <Ident>{String(pdu.sequence)}</Ident> },
    { name: 'status', title: t('captures.status'), width: narrow ? '5rem' : 'minmax(6rem, 1fr)', cell: (pdu) => <Status pdu={pdu} /> },
    { name: 'numbers', title: t('captures.numbers'), width: 'minmax(7rem, 1.3fr)', extra: true, cell: (pdu) => <Numbers pdu={pdu} /> },
    { name: 'bind', title: t('captures.bind'), width: 'minmax(5rem, 1fr)', extra: true, cell: (pdu) => <BindOf pdu={pdu} /> },
    { name: 'pair', title: t('captures.pair'), width: '6.5rem', cell: (pdu) => <Pair pdu={pdu} /> },
  ]
  return room === 'all' ? columns : columns.filter(({ name }) => (narrow ? FEW : SOME).includes(name))
}

function Numbers({ pdu }: { pdu: Pdu }): ReactNode {
  if (pdu.sender === null && pdu.recipient === null) return '–'
  return (
    <bdi dir="ltr">
      <PhoneNumber value={pdu.sender} /> → <PhoneNumber value={pdu.recipient} />
    </bdi>
  )
}

function Pair({ pdu }: { pdu: Pdu }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (pdu.pair === null) return '–'
  const after = pdu.pair_ms === null || pdu.pair < pdu.number ? '' : ` ${format.duration(pdu.pair_ms)}`
  return (
    <TextLink from="/captures/$id" to="/captures/$id" params={(before) => before} search={(before) => ({ ...before, pdu: pdu.pair ?? undefined })} resetScroll={false}>
      <bdi dir="ltr">{`#${pdu.pair}`}</bdi>
      {after}
      <span className="o-visually-hidden"> {pdu.pair < pdu.number ? t('captures.toRequest', { number: pdu.pair }) : t('captures.toAnswer', { number: pdu.pair })}</span>
    </TextLink>
  )
}

function OnePdu({ capture, number, onClose }: { capture: Capture; number: number; onClose?: () => void }): ReactNode {
  const api = useApi()
  const query = useQuery<Decoded>({
    queryKey: [CAPTURES, capture.id, 'pdu', number],
    queryFn: ({ signal }) => take(api.GET('/v1/captures/{id}/pdus/{place}', { params: { path: { id: capture.id, place: String(number) } }, signal })),
    // A PDU does not change, but for its answer that may come.
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  })
  return <Found query={query}>{(pdu) => <PduView pdu={pdu} onClose={onClose} />}</Found>
}
