// What guards block and hold, each with its reason and a release; and the numbers that no guard stops.
import { Group, Stack, Switch, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { oneOf, text } from '../app/search'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { notify } from '../parts/Notices'
import { Found, NothingYet } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { useList } from '../parts/useList'
import { Ident, PhoneNumber, ServerWords, Time, Words } from '../parts/Values'
import { NotAllowed } from './NotAllowed'
import { blocksOf } from './search'
import { BLOCKS, GuardReason, GUARDS, TRUSTED, useGuardName } from './verification'

const NewTrusted = lazy(() => import('./NewTrusted').then((found) => ({ default: found.NewTrusted })))

type Block = components['schemas']['VerifyBlockView']
type Trusted = components['schemas']['TrustedNumberView']

const EVERY_MS = 5_000
const actionOf = oneOf('block', 'hold')

export function Guards(): ReactNode {
  return (
    <Stack gap="xl">
      <Blocks />
      <NotAllowed />
      <TrustedNumbers />
      <Table />
    </Stack>
  )
}

/** Whether a block or hold counts now. */
export const isStanding = (block: Pick<Block, 'released_at' | 'ends_at'>, now: number): boolean => block.released_at === null && Date.parse(block.ends_at) > now

function Blocks(): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const guardName = useGuardName()
  const navigate = useNavigate({ from: '/verify' })
  const { guard, action, ended } = useSearch({ from: '/shell/verify' })
  const me = useMe()
  const [asked, setAsked] = useState<Block | null>(null)
  const list = useList(BLOCKS, { ...blocksOf({ guard, action, ended }), limit: 100 }, { every: EVERY_MS })
  const value = { guard, action }
  const fields: FilterField[] = [
    { name: 'guard', label: t('verify.guard'), kind: 'choice', options: GUARDS.map((each) => ({ value: each, label: guardName(each) })) },
    { name: 'action', label: t('verify.does'), kind: 'choice', options: (['block', 'hold'] as const).map((each) => ({ value: each, label: t(`verify.does.${each}`) })) },
  ]
  const filter = (given: Filters): void => void navigate({ search: (before) => ({ ...before, guard: text(given.guard), action: actionOf(given.action) }) })
  const columns: Column<Block>[] = [
    { name: 'subject', title: t('verify.subject'), width: 'minmax(8rem, 1fr)', cell: (block) => (/^[A-Z]{2}$/.test(block.subject) ? countryName(block.subject) : <Ident>{block.subject}</Ident>) },
    {
      name: 'guard', title: t('verify.guard'), width: 'minmax(12rem, 2fr)',
      cell: (block) => (
        <>
          {guardName(block.guard)}
          <span className="o-verify-more"><GuardReason of={block} /></span>
        </>
      ),
    },
    {
      name: 'action', title: t('verify.does'), width: '9rem',
      cell: (block) =>
        block.released_at !== null ? <StatusBadge tone="good" icon="play">{t('verify.isReleased')}</StatusBadge>
        : !isStanding(block, Date.now()) ? <StatusBadge tone="quiet">{t('verify.isOver')}</StatusBadge>
        : <StatusBadge tone={block.action === 'block' ? 'bad' : 'warn'} icon={block.action === 'block' ? 'stop' : 'pause'}>{t(`verify.does.${block.action}`)}</StatusBadge>,
    },
    { name: 'since', title: t('verify.since'), width: 'minmax(6rem, 0.8fr)', extra: true, cell: (block) => <Time at={block.created_at} /> },
    { name: 'until', title: t('verify.until'), width: 'minmax(6rem, 0.8fr)', cell: (block) => <Time at={block.released_at ?? block.ends_at} /> },
    {
      name: 'release', title: t('verify.do.release'), width: '8rem', align: 'end',
      cell: (block) => isStanding(block, Date.now()) && (
        <Act calls="POST /v1/verify-blocks/{id}/release" size="compact-sm" variant="default" onClick={() => setAsked(block)}>
          {t('verify.do.release')}
        </Act>
      ),
    },
  ]
  return (
    <section aria-labelledby="blocks">
      <h2 id="blocks" className="o-section">{t('verify.blocks')}</h2>
      <Text mb="sm">{t('verify.blocksAbout')}</Text>
      {me.mode === 'test' && <Text mb="sm"><ServerWords>{t('verify.guardsReport')}</ServerWords></Text>}
      <FilterBar label={t('verify.filterBlocks')} fields={fields} value={value} onChange={filter} />
      <Switch my="sm" label={t('verify.alsoEnded')} checked={ended === 'true'} onChange={(event) => void navigate({ search: (before) => ({ ...before, ended: event.currentTarget.checked ? 'true' : undefined }) })} />
      <DataList
        list={list}
        columns={columns}
        label={t('verify.blocks')}
        rowKey={(block) => block.id}
        rowTone={(block) => (isStanding(block, Date.now()) ? undefined : 'faded')}
        empty={<NothingYet icon="shield" title={t('verify.noBlocks')} about={t('verify.noBlocksAbout')} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
      {asked !== null && (
        <ConfirmDialog
          title={t('verify.releaseBlock')}
          action={t('verify.do.release')}
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            await take(api.POST('/v1/verify-blocks/{id}/release', { params: { path: { id: asked.id } } }))
            await queries.invalidateQueries({ queryKey: [BLOCKS] })
            notify(t('verify.blockReleased'))
          }}
        >
          <p><Ident>{asked.subject}</Ident> · {guardName(asked.guard)}</p>
          <p>{t('verify.releaseBlockAbout')}</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

function TrustedNumbers(): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [making, setMaking] = useState(false)
  const [removed, setRemoved] = useState<Trusted | null>(null)
  const list = useList(TRUSTED, { limit: 100 })
  const addButton = (
    <Act calls="POST /v1/trusted-numbers" variant="default" leftSection={<Icon name="plus" />} onClick={() => setMaking(true)}>
      {t('verify.trust')}
    </Act>
  )
  const columns: Column<Trusted>[] = [
    { name: 'number', title: t('verify.number'), width: 'minmax(9rem, 1fr)', cell: (one) => (one.number.endsWith('*') ? <Ident>{one.number}</Ident> : <PhoneNumber value={one.number} />) },
    { name: 'note', title: t('verify.note'), width: 'minmax(8rem, 2fr)', cell: (one) => <Words>{one.note}</Words> },
    { name: 'since', title: t('verify.since'), width: 'minmax(6rem, 0.8fr)', cell: (one) => <Time at={one.created_at} /> },
    {
      name: 'remove', title: t('verify.remove'), width: '7rem', align: 'end',
      cell: (one) => (
        <Act calls="DELETE /v1/trusted-numbers/{id}" size="compact-sm" variant="default" onClick={() => setRemoved(one)}>
          {t('verify.remove')}
        </Act>
      ),
    },
  ]
  return (
    <section aria-labelledby="trusted">
      <Group justify="space-between" mb="sm">
        <h2 id="trusted" className="o-section">{t('verify.trusted')}</h2>
        {list.rows.length > 0 && addButton}
      </Group>
      <DataList list={list} columns={columns} label={t('verify.trusted')} rowKey={(one) => one.id} empty={<NothingYet icon="check" title={t('verify.noTrusted')} about={t('verify.noTrustedAbout')} action={addButton} />} />
      <Suspense>{making && <NewTrusted onClose={() => setMaking(false)} />}</Suspense>
      {removed !== null && (
        <ConfirmDialog
          title={t('verify.untrustTitle', { number: removed.number })}
          action={t('verify.remove')}
          onClose={() => setRemoved(null)}
          onConfirm={async () => {
            await take(api.DELETE('/v1/trusted-numbers/{id}', { params: { path: { id: removed.id } } }))
            await queries.invalidateQueries({ queryKey: [TRUSTED] })
          }}
        >
          {t('verify.untrustAbout')}
        </ConfirmDialog>
      )}
    </section>
  )
}

/** All guards, in the order in which they are asked. */
function Table(): ReactNode {
  const t = useT()
  const api = useApi()
  const guardName = useGuardName()
  const query = useQuery({ queryKey: ['/v1/verify-guards'], queryFn: ({ signal }) => take(api.GET('/v1/verify-guards', { signal })), staleTime: 600_000 })
  return (
    <details>
      <summary>{t('verify.allGuards')}</summary>
      <Found query={query}>
        {({ data }) => (
          <dl className="o-facts">
            {data.map((guard) => (
              <div key={guard.name}>
                <dt>{guardName(guard.name)} · {t(`verify.does.${guard.action}`)}</dt>
                <dd><ServerWords>{guard.about}</ServerWords></dd>
              </div>
            ))}
          </dl>
        )}
      </Found>
    </details>
  )
}
