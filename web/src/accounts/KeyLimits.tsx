// What a key may send, and what of it is used now: its own limits, and those of its account, which count beside them.
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useT } from '../i18n/i18n'
import { Found } from '../parts/States'
import { LIMITS_USED } from './account'
import { LimitTable } from './LimitTable'
import { useReach } from './tree'

const EVERY_MS = 5_000

export function KeyLimits({ id, account }: { id: string; account: string }): ReactNode {
  const t = useT()
  const { api, of } = useReach(account)
  const query = useQuery({
    queryKey: [LIMITS_USED, account, id],
    queryFn: ({ signal }) => take(api.GET('/v1/limits', { params: { query: { ...of, key_id: id } }, signal })),
    refetchInterval: EVERY_MS,
  })
  return (
    <section aria-labelledby="limits-used">
      <h2 id="limits-used" className="o-section">
        {t('accounts.usedNow')}
      </h2>
      <Found query={query} rows={3}>
        {({ data }) =>
          data.length === 0 ? (
            <Text c="dimmed">{t('accounts.noneLimited')}</Text>
          ) : (
            // Those of the key first.
            <LimitTable uses={data.toSorted((a, b) => Number(a.subject !== id) - Number(b.subject !== id))} label={t('accounts.usedNow')} whose={(use) => (use.subject === id ? t('accounts.ofKey') : t('accounts.ofAccount'))} />
          )
        }
      </Found>
    </section>
  )
}
