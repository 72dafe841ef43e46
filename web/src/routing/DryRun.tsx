// What a draft of the routes would do with the messages of the last day: how many would go elsewhere, from where to
// where, and what carriers would take. Nothing is sent.
import { Stack, Text } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type Api, take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { IdLink } from '../parts/IdLink'
import { Found } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { Count, Ident } from '../parts/Values'
import { costChange } from './cost'
import { ROUTES, type Simulation } from './route'

export type Draft = Pick<components['schemas']['SimulationBody'], 'routes' | 'remove' | 'order'>

/** As many as the API takes. */
const MESSAGES = 5_000
const HOURS = 24

export const dryRun = (api: Api, draft: Draft) =>
  queryOptions({
    queryKey: [ROUTES, 'simulate', draft],
    queryFn: ({ signal }) => take(api.POST('/v1/routes/simulate', { body: { ...draft, messages: MESSAGES, hours: HOURS }, signal })),
    staleTime: 60_000,
  })

export function DryRun({ draft }: { draft: Draft }): ReactNode {
  const t = useT()
  const query = useQuery(dryRun(useApi(), draft))
  return (
    <section aria-labelledby="dry-run" aria-live="polite">
      <h3 id="dry-run">{t('routing.dryRun')}</h3>
      <Found query={query} rows={2}>
        {(found) => <Result found={found} />}
      </Found>
    </section>
  )
}

function Result({ found }: { found: Simulation }): ReactNode {
  const t = useT()
  const { counts, messages } = found
  if (messages === 0) return <Text c="dimmed">{t('routing.dryNone')}</Text>
  const elsewhere = counts.other_carrier ?? 0
  const refused = counts.newly_refused ?? 0
  return (
    <Stack gap="sm">
      <p className="o-dry-verdict">
        {found.changes.length === 0 ? (
          <StatusBadge tone="quiet" icon="check">{t('routing.drySame', { count: messages })}</StatusBadge>
        ) : (
          <>
            <StatusBadge tone={elsewhere > 0 ? 'info' : 'quiet'} icon="route">{t('routing.dryElsewhere', { count: elsewhere, total: messages })}</StatusBadge>{' '}
            {refused > 0 && <StatusBadge tone="bad">{t('routing.dryRefused', { count: refused })}</StatusBadge>}{' '}
            {(counts.newly_taken ?? 0) > 0 && <StatusBadge tone="good">{t('routing.dryTaken', { count: counts.newly_taken ?? 0 })}</StatusBadge>}
          </>
        )}
      </p>
      {messages >= MESSAGES && <Text size="sm" c="dimmed">{t('routing.dryNewest', { count: messages })}</Text>}
      {found.changes.length > 0 && <Changes changes={found.changes} />}
      <Costs costs={found.costs} />
    </Stack>
  )
}

function Changes({ changes }: { changes: Simulation['changes'] }): ReactNode {
  const t = useT()
  return (
    <div className="o-difference-box" tabIndex={0} role="region" aria-label={t('routing.dryRun')}>
      <table className="o-difference">
        <thead>
          <tr>
            <th scope="col">{t('routing.now')}</th>
            <th scope="col">{t('routing.then')}</th>
            <th scope="col">{t('routing.messages')}</th>
            <th scope="col">{t('routing.example')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ before, after, messages, countries, sample }) => (
            <tr key={JSON.stringify([before, after])}>
              <td data-side={t('routing.now')}><Way way={before} /></td>
              <td data-side={t('routing.then')}><Way way={after} /></td>
              <td data-side={t('routing.messages')}>
                <Count value={messages} /> <small><Ident>{Object.keys(countries).filter((country) => country !== '').join(', ')}</Ident></small>
              </td>
              <td data-side={t('routing.example')}>{sample[0] !== undefined && <IdLink id={sample[0]} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Way({ way }: { way: Simulation['changes'][number]['before'] }): ReactNode {
  const t = useT()
  if (way.error !== null) {
    return (
      <>
        {t('routing.refusedWith')} <Ident>{way.error}</Ident>
      </>
    )
  }
  return (
    <>
      <strong><bdi dir="auto">{way.carrier}</bdi></strong> <small>{t('routing.by')} <bdi dir="auto">{way.route}</bdi></small>
    </>
  )
}

function Costs({ costs }: { costs: Simulation['costs'] }): ReactNode {
  const t = useT()
  const format = useFormat()
  return costs.map(({ currency, before, after }) => {
    const change = costChange(before, after)
    const less = change.startsWith('-')
    const size = format.money(less ? change.slice(1) : change, currency)
    const told = { before: format.money(before, currency), after: format.money(after, currency), change: size }
    return (
      <Text key={currency}>
        {/^-?0\.0+$/.test(change) ? t('routing.costSame', told) : less ? t('routing.costLess', told) : t('routing.costMore', told)}
      </Text>
    )
  })
}
