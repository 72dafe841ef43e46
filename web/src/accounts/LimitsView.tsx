// What an account may send and store, and what of it is used now.
import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useT } from '../i18n/i18n'
import { Facts } from '../parts/Facts'
import { Found } from '../parts/States'
import { Count, Time } from '../parts/Values'
import { type Account, LIMITS, LIMITS_USED } from './account'
import { LimitTable } from './LimitTable'
import { useReach } from './tree'

const EVERY_MS = 5_000

export function LimitsView({ account, change }: { account: Account; change?: ReactNode }): ReactNode {
  const t = useT()
  const { api, of } = useReach(account.id)
  const query = useQuery({
    queryKey: [LIMITS_USED, account.id],
    queryFn: ({ signal }) => take(api.GET('/v1/limits', { params: { query: of }, signal })),
    refetchInterval: EVERY_MS,
  })
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed" maw="40rem">
          {t('accounts.limitsAbout')}
        </Text>
        {change}
      </Group>
      <Found query={query} rows={4}>
        {({ data }) => {
          const without = LIMITS.filter((name) => !data.some((use) => use.name === name))
          return (
            <>
              {data.length > 0 && <LimitTable uses={data} label={t('accounts.view.limits')} />}
              <Facts
                facts={[
                  ...without.map((name): [string, ReactNode] => [t(`parts.limit.${name}`), t('parts.noLimit')]),
                  [t('accounts.eachKey'), <Count key="each" value={account.requests_per_second} />],
                ]}
              />
              <Text c="dimmed" size="sm" mt="md">
                {t('accounts.asOf')} <Time at={new Date(query.dataUpdatedAt).toISOString()} as="absolute" />
              </Text>
            </>
          )
        }}
      </Found>
    </>
  )
}
