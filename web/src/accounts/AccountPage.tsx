// One account: its state, balance, price and limits, the accounts below it, and the way into it.
import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Facts } from '../parts/Facts'
import { Icon } from '../parts/Icon'
import { Named } from '../parts/Named'
import { ButtonLink, TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { Found } from '../parts/States'
import { Count, Ident, Money, Time, Words } from '../parts/Values'
import { type Account, ACCOUNTS, AccountState, Balance, LIMITS, type State } from './account'

const EditAccount = lazy(() => import('./EditAccount').then((found) => ({ default: found.EditAccount })))
const StateDialog = lazy(() => import('./StateDialog').then((found) => ({ default: found.StateDialog })))

export function AccountPage(): ReactNode {
  const { id } = useParams({ from: '/shell/accounts/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [ACCOUNTS, id],
    queryFn: () => take(api.GET('/v1/accounts/{id}', { params: { path: { id } } })),
  })
  return <Found query={query}>{(account) => <OneAccount account={account} />}</Found>
}

function OneAccount({ account }: { account: Account }): ReactNode {
  const t = useT()
  const [edit, setEdit] = useState(false)
  const [to, setTo] = useState<State | null>(null)
  const calls = 'PATCH /v1/accounts/{id}'
  return (
    <>
      <PageHead
        before={
          <TextLink to="/accounts" size="sm">
            <Icon name="left" size={14} /> {t('accounts.title')}
          </TextLink>
        }
        title={account.name}
        about={<AccountState account={account} />}
        actions={
          <>
            <Act calls={calls} variant="default" leftSection={<Icon name="edit" />} onClick={() => setEdit(true)}>
              {t('accounts.edit')}
            </Act>
            {account.state !== 'active' && (
              <Act calls={calls} variant="default" leftSection={<Icon name="play" />} onClick={() => setTo('active')}>
                {t('accounts.do.active')}
              </Act>
            )}
            {account.state !== 'suspended' && !account.operator && (
              <Act calls={calls} variant="default" leftSection={<Icon name="pause" />} onClick={() => setTo('suspended')}>
                {t('accounts.do.suspended')}
              </Act>
            )}
            {account.state !== 'closed' && !account.operator && (
              <Act calls={calls} color="red.9" leftSection={<Icon name="stop" />} onClick={() => setTo('closed')}>
                {t('accounts.do.closed')}
              </Act>
            )}
          </>
        }
      />
      <Inside account={account} />
      <Facts
        facts={[
          ...(account.state_reason === null ? [] : [[t('accounts.reason'), <Words key="reason">{account.state_reason}</Words>] as [string, ReactNode]]),
          [t('accounts.balance'), <Balance key="balance" id={account.id} />],
          [t('accounts.credit'), account.credit_limit === null ? t('parts.noLimit') : <Money key="credit" amount={account.credit_limit} currency={account.currency} />],
          [t('accounts.price'), <Money key="price" amount={account.price_per_segment} currency={account.currency} />],
          [t('accounts.otp'), account.may_use_otp ? t('accounts.yes') : t('accounts.no')],
          ...LIMITS.map((name): [string, ReactNode] => {
            const limit = account.limits[name] ?? null
            return [t(`parts.limit.${name}`), limit === null ? t('parts.noLimit') : <Count key={name} value={limit} />]
          }),
          [t('accounts.country'), <Ident key="country">{account.country}</Ident>],
          [t('accounts.zone'), <Ident key="zone">{account.time_zone}</Ident>],
          [t('accounts.under'), account.parent_id === null ? '–' : <Named key="under" id={account.parent_id} />],
          [t('accounts.made'), <Time key="made" at={account.created_at} as="absolute" />],
          [t('accounts.id'), <Ident key="id">{account.id}</Ident>],
        ]}
      />
      <Suspense>
        {edit && <EditAccount account={account} onClose={() => setEdit(false)} />}
        {to !== null && <StateDialog account={account} to={to} onClose={() => setTo(null)} />}
      </Suspense>
    </>
  )
}

/** The ways into the account: one acts in it, reads its keys and messages, or sees the accounts below it. */
function Inside({ account }: { account: Account }): ReactNode {
  const t = useT()
  const me = useMe()
  const { id } = account
  const enters = me.scopes.includes('subaccounts:enter') && id !== me.account_id
  return (
    <Group gap="xs" mb="md">
      {enters && (
        <>
          <ButtonLink to="/" search={{ account: id }} size="xs" leftSection={<Icon name="building" size={16} />}>
            {t('accounts.enter')}
          </ButtonLink>
          <ButtonLink to="/keys" search={{ account: id }} size="xs" variant="default" leftSection={<Icon name="key" size={16} />}>
            {t('accounts.keys')}
          </ButtonLink>
          <ButtonLink to="/messages" search={{ account: id }} size="xs" variant="default" leftSection={<Icon name="messages" size={16} />}>
            {t('accounts.messages')}
          </ButtonLink>
        </>
      )}
      <ButtonLink to="/accounts" search={{ parent_id: id }} size="xs" variant="default" leftSection={<Icon name="list" size={16} />}>
        {t('accounts.below')}
      </ButtonLink>
      <ButtonLink to="/profile/$id" params={{ id }} size="xs" variant="default" leftSection={<Icon name="shield" size={16} />}>
        {t('accounts.profile')}
      </ButtonLink>
    </Group>
  )
}
