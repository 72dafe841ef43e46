// What an account has, holds and may still spend, and the adjustments that were booked on it. Operators book further ones.
import { Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { type Column, DataList } from '../parts/DataList'
import { Export } from '../parts/Export'
import { Facts } from '../parts/Facts'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Who } from '../parts/Named'
import { Found, NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, Money, Time, Words } from '../parts/Values'
import { type Account, ADJUSTMENTS, BALANCE } from './account'
import { useReach } from './tree'

const NewAdjustment = lazy(() => import('./NewAdjustment').then((found) => ({ default: found.NewAdjustment })))

type Adjustment = components['schemas']['AdjustmentView']

const EVERY_MS = 10_000

export function BalanceView({ account }: { account: Account }): ReactNode {
  const t = useT()
  const me = useMe()
  const { id } = account
  const { api, of } = useReach(id)
  const [books, setBooks] = useState(false)
  const query = useQuery({
    queryKey: [BALANCE, id],
    queryFn: ({ signal }) => take(api.GET('/v1/balance', { params: { query: of }, signal })),
    refetchInterval: EVERY_MS,
  })
  const list = useList(ADJUSTMENTS, { ...of, limit: 50 }, { api, of: id })
  const columns: Column<Adjustment>[] = [
    { name: 'made', title: t('accounts.booked'), width: 'minmax(7rem, 0.8fr)', cell: (row) => <Time at={row.created_at} as="short" /> },
    { name: 'amount', title: t('accounts.amount'), width: '8rem', align: 'end', cell: (row) => <Money amount={row.amount} currency={row.currency} /> },
    { name: 'why', title: t('accounts.why'), width: 'minmax(10rem, 2fr)', cell: (row) => <Words>{row.reason}</Words> },
    { name: 'reference', title: t('accounts.reference'), width: 'minmax(7rem, 1fr)', cell: (row) => (row.reference === null ? '–' : <Ident>{row.reference}</Ident>) },
    { name: 'by', title: t('accounts.bookedBy'), width: 'minmax(7rem, 1fr)', extra: true, cell: (row) => <Who who={row.made_by} /> },
  ]
  const book = (
    <Act calls="POST /v1/adjustments" leftSection={<Icon name="plus" />} onClick={() => setBooks(true)}>
      {t('accounts.book')}
    </Act>
  )
  return (
    <Stack gap="xl">
      <Found query={query} rows={4}>
        {(found) => {
          const money = (amount: string | null): ReactNode => (amount === null ? t('parts.noLimit') : <Money amount={amount} currency={found.currency} />)
          return (
            <Facts
              facts={[
                [t('accounts.balance'), money(found.balance)],
                [t('accounts.held'), money(found.held)],
                [t('accounts.credit'), money(found.credit_limit)],
                [t('accounts.available'), money(found.available)],
                [t('accounts.asOf'), <Time key="asOf" at={found.as_of} as="absolute" />],
              ]}
            />
          )
        }}
      </Found>
      <Text>
        <TextLink to="/analytics" search={id === me.account_id ? {} : { account: id }}>
          {t('accounts.spentOn')}
        </TextLink>
      </Text>
      <section aria-labelledby="adjustments">
        <Group justify="space-between" mb="xs">
          <h2 id="adjustments" className="o-section">
            {t('accounts.adjustments')}
          </h2>
          <Group gap="sm">
            <Export path="/v1/adjustments/export" query={of} name="adjustments" api={api} />
            {me.operator && book}
          </Group>
        </Group>
        <Text c="dimmed" size="sm" mb="sm">
          {me.operator ? t('accounts.adjustmentsAbout') : t('accounts.adjustmentsByOperator')}
        </Text>
        <DataList
          list={list}
          columns={columns}
          label={t('accounts.adjustments')}
          rowKey={(row) => row.id}
          empty={<NothingYet icon="money" title={t('accounts.noAdjustments')} about={t('accounts.noAdjustmentsAbout')} />}
        />
      </section>
      <Suspense>{books && <NewAdjustment account={account} onClose={() => setBooks(false)} />}</Suspense>
    </Stack>
  )
}
