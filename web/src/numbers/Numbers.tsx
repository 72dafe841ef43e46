// The list of numbers: whose each is, which words it takes, what gets its messages, and when the last one came.
import { ActionIcon, Menu, Text, Tooltip } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { oneOf, text } from '../app/search'
import { sessionOf, useApi, useMay, useMe, useSession } from '../app/session'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { IdLink } from '../parts/IdLink'
import { TextLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { NothingYet } from '../parts/States'
import { useFormat } from '../parts/format'
import { useList } from '../parts/useList'
import { PhoneNumber, Time, Words } from '../parts/Values'
import { WEBHOOKS } from '../webhooks/webhook'
import { MODES, NUMBERS, type OwnNumber, queryOf } from './number'
import { useAccounts } from '../accounts/useAccounts'

const EditNumber = lazy(() => import('./EditNumber').then((found) => ({ default: found.EditNumber })))
const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then((found) => ({ default: found.ConfirmDialog })))

const modeOf = oneOf(...MODES)
/** How many keywords stand in the list; the rest is counted. */
const WORDS = 3

type Open = { what: 'change' | 'release'; of: OwnNumber }

export function Numbers({ giveButton }: { giveButton: ReactNode }): ReactNode {
  const t = useT()
  const api = useApi()
  const me = useMe()
  const queries = useQueryClient()
  const navigate = useNavigate({ from: '/numbers' })
  const { number, account_id, traffic } = useSearch({ from: '/shell/numbers' })
  const value = { number, account_id, traffic }
  const operates = useMay('POST /v1/numbers')
  const accounts = useAccounts()
  const [open, setOpen] = useState<Open | null>(null)
  const list = useList(NUMBERS, { ...queryOf(value), limit: 100 })
  const fields: FilterField[] = [
    { name: 'number', label: t('numbers.number'), kind: 'text', accepts: (typed) => /^\+?\d+$/.test(typed) },
    ...(operates ? [accounts.options.length > 0 ? { name: 'account_id', label: t('numbers.account'), kind: 'choice' as const, options: accounts.options } : { name: 'account_id', label: t('numbers.account'), kind: 'text' as const, accepts: (typed: string) => typed.startsWith('acc_') }] : []),
    ...(me.mode === 'live' ? [{ name: 'traffic', label: t('numbers.mode'), kind: 'choice' as const, options: MODES.map((mode) => ({ value: mode, label: t(`numbers.mode.${mode}`) })) }] : []),
  ]
  const filter = (to: Filters): void =>
    void navigate({ search: (before) => ({ ...before, number: text(to.number), account_id: text(to.account_id), traffic: modeOf(to.traffic) }) })
  const release = async ({ id, number: released }: OwnNumber): Promise<void> => {
    await take(api.DELETE('/v1/numbers/{id}', { params: { path: { id } } }))
    await queries.invalidateQueries({ queryKey: [NUMBERS] })
    notify(t('numbers.released', { number: released }))
  }
  const columns: Column<OwnNumber>[] = [
    { name: 'number', title: t('numbers.number'), width: 'minmax(9.8rem, 1fr)', cell: (row) => <strong><PhoneNumber value={row.number} /></strong> },
    ...(operates ? [{ name: 'account', title: t('numbers.account'), width: 'minmax(6.5rem, 1.1fr)', cell: (row: OwnNumber) => <Account id={row.account_id} name={accounts.nameOf(row.account_id)} /> }] : []),
    { name: 'mode', title: t('numbers.mode'), width: '4rem', extra: true, cell: (row) => t(row.test ? 'numbers.mode.test' : 'numbers.mode.live') },
    { name: 'keywords', title: t('numbers.keywords'), width: 'minmax(7rem, 1.2fr)', cell: (row) => <Keywords words={row.keywords} /> },
    { name: 'goes', title: t('numbers.goes'), width: 'minmax(8.5rem, 1.3fr)', cell: (row) => <Goes row={row} /> },
    ...(operates ? [{ name: 'carrier', title: t('numbers.carrier'), width: 'minmax(5.5rem, 0.8fr)', extra: true, cell: (row: OwnNumber) => row.carrier == null ? <Text span c="dimmed" inherit>{t('numbers.anyCarrier')}</Text> : <Words>{row.carrier}</Words> }] : []),
    { name: 'last', title: t('numbers.last'), width: '7.5rem', cell: (row) => <Last row={row} /> },
    ...(operates ? [{ name: 'more', title: t('numbers.actions'), width: '4.5rem', align: 'end' as const, cell: (row: OwnNumber) => <More of={row} onOpen={setOpen} /> }] : []),
  ]
  return (
    <>
      <FilterBar label={t('numbers.filter')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('numbers.title')}
        rowKey={(row) => row.id}
        empty={<NothingYet icon="number" title={t('numbers.none')} about={operates ? t('numbers.noneAbout') : t('numbers.noneYours')} action={operates ? giveButton : <TextLink to="/sandbox" search={(before) => ({ ...before, mode: 'test' as const, tab: 'phones' as const })}>{t('numbers.toSandbox')}</TextLink>} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
      {operates && (
        <p className="o-numbers-more">
          <TextLink to="/messages" search={(before) => ({ account: before.account, mode: before.mode, tag: 'unassigned' })}>{t('numbers.unassigned')}</TextLink>
        </p>
      )}
      <Suspense>
        {open?.what === 'change' && <EditNumber number={open.of} onClose={() => setOpen(null)} />}
        {open?.what === 'release' && (
          <ConfirmDialog title={t('numbers.releaseTitle', { number: open.of.number })} action={t('numbers.release')} typed={open.of.test ? undefined : open.of.number} onClose={() => setOpen(null)} onConfirm={() => release(open.of)}>
            {t('numbers.releaseAbout')}
          </ConfirmDialog>
        )}
      </Suspense>
    </>
  )
}

function Account({ id, name }: { id: string; name: string | undefined }): ReactNode {
  return <IdLink id={id}>{name === undefined ? undefined : <Words>{name}</Words>}</IdLink>
}

/** The words that lead to this account; without any it gets what no other account's words take. */
function Keywords({ words }: { words: readonly string[] }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (words.length === 0) return <Text span c="dimmed" inherit>{t('numbers.allElse')}</Text>
  return (
    <>
      {words.slice(0, WORDS).map((word) => <bdi key={word} dir="auto" className="o-keyword">{word}</bdi>)}
      {words.length > WORDS && (
        <Tooltip label={words.join(', ')} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
          <span tabIndex={0}>+{format.number(words.length - WORDS)}</span>
        </Tooltip>
      )}
    </>
  )
}

/** What gets its messages. Of one's own account also whether there is an endpoint that asked for them. */
function Goes({ row }: { row: OwnNumber }): ReactNode {
  const t = useT()
  const me = useMe()
  const { where } = useSession()
  const may = useMay('GET /v1/webhooks')
  const mode = row.test ? 'test' : 'live'
  const wanted = may && row.account_id === me.account_id && row.deliver_to !== 'binds'
  const endpoints = useQuery({
    queryKey: [WEBHOOKS, 'numbers', mode],
    queryFn: async () => (await take(sessionOf({ ...where, mode }).api.GET('/v1/webhooks', { params: { query: { limit: 100 } } }))).data,
    enabled: wanted,
    staleTime: 30_000,
  })
  const asked = endpoints.data?.filter(({ enabled, events }) => enabled && events.some((type) => type === '*' || type === 'message.received')) ?? []
  if (!wanted || endpoints.data === undefined) return t(`numbers.to.${row.deliver_to}`)
  const search = (before: object) => ({ ...before, mode: row.test ? ('test' as const) : undefined })
  return (
    <>
      {asked.length > 0 ? (
        <TextLink to="/webhooks" search={search}>{t('numbers.endpoints', { count: asked.length })}</TextLink>
      ) : row.deliver_to === 'webhooks' ? (
        <TextLink to="/webhooks" search={(before) => ({ ...search(before), make: 'true' as const })}><span className="o-numbers-warn"><Icon name="alert" size={14} /> {t('numbers.noEndpoint')}</span></TextLink>
      ) : null}
      {row.deliver_to === 'both' && <> {asked.length > 0 ? t('numbers.andBinds') : t('numbers.to.binds')}</>}
    </>
  )
}

/** When the last message came; it leads to all that came to the number, in the account and mode of the number. */
function Last({ row }: { row: OwnNumber }): ReactNode {
  const t = useT()
  const me = useMe()
  if (row.last_received_at === null) return <Text span c="dimmed" inherit>{t('numbers.never')}</Text>
  const own = row.account_id === me.account_id
  if (!own && !me.scopes.includes('subaccounts:enter')) return <Time at={row.last_received_at} />
  return (
    <TextLink
      to="/messages"
      search={(before) => ({ account: own ? before.account : row.account_id, mode: row.test ? ('test' as const) : undefined, number: row.number, direction: 'inbound' as const })}
    >
      <Time at={row.last_received_at} />
    </TextLink>
  )
}

function More({ of, onOpen }: { of: OwnNumber; onOpen: (open: Open) => void }): ReactNode {
  const t = useT()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" aria-label={t('numbers.actionsOf', { number: of.number })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="edit" />} onClick={() => onOpen({ what: 'change', of })}>{t('numbers.change')}</Menu.Item>
        <Menu.Item color="red.8" leftSection={<Icon name="trash" />} onClick={() => onOpen({ what: 'release', of })}>{t('numbers.release')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
