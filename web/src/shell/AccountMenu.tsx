// The account in which one acts, and the change to another: one of one's own, or one below it.
import { Menu, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi, useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { AccountButton } from './HeadButtons'

/** So many accounts below are in the menu; their page has all. */
const MOST = 20

export function AccountMenu(): ReactNode {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate()
  const go = (account: string): void => void navigate({ to: '/', search: (before) => ({ mode: before.mode, account }) })
  const own = me.memberships.some(({ account_id }) => account_id === me.account_id)
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <AccountButton />
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
        <Menu.Label>{t('shell.accounts')}</Menu.Label>
        {me.memberships.map((membership) => (
          <Entry
            key={membership.account_id}
            name={membership.account_name}
            about={`${membership.operator ? `${t('shell.operator')} · ` : ''}${membership.role}`}
            here={membership.account_id === me.account_id}
            onClick={() => go(membership.account_id)}
          />
        ))}
        {!own && <Entry name={me.account_name} here onClick={() => undefined} />}
        {!me.operator && <Below onGo={go} />}
      </Menu.Dropdown>
    </Menu>
  )
}

function Entry({ name, about, here, onClick }: { name: string; about?: string; here: boolean; onClick: () => void }): ReactNode {
  return (
    <Menu.Item leftSection={<Icon name={here ? 'check' : 'building'} />} disabled={here} onClick={onClick}>
      <bdi dir="auto">{name}</bdi>
      {about !== undefined && (
        <Text size="xs" c="dimmed">
          {about}
        </Text>
      )}
    </Menu.Item>
  )
}

/** The accounts below the one in which one acts, for who may see and enter them. They are read when the menu opens. */
function Below({ onGo }: { onGo: (account: string) => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate()
  const enters = useMe().scopes.includes('subaccounts:enter')
  const may = useMay('GET /v1/subaccounts') && enters
  const { data } = useQuery({
    queryKey: ['/v1/subaccounts', 'menu'],
    queryFn: () => take(api.GET('/v1/subaccounts', { params: { query: { limit: MOST } } })),
    enabled: may,
    staleTime: 30_000,
  })
  if (!may || data === undefined || data.data.length === 0) return null
  return (
    <>
      <Menu.Label>{t('shell.subaccounts')}</Menu.Label>
      {data.data.map(({ id, name }) => (
        <Entry key={id} name={name} here={false} onClick={() => onGo(id)} />
      ))}
      <Menu.Item leftSection={<Icon name="list" />} onClick={() => void navigate({ to: '/subaccounts' })}>
        {t('shell.subaccountsAll')}
      </Menu.Item>
    </>
  )
}
