// For how long the data of each account is kept, for operators. Times that an account has of its own are marked.
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { TextLink } from '../parts/Link'
import { PlainName } from '../parts/Named'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Kept } from './Kept'
import { KINDS, type Retention } from './retention'
import './accounts.css'

/** The kinds that are left out where there is little room. */
const SELDOM: readonly string[] = ['inbound', 'deliveries', 'receipts', 'refusals', 'audit']

export function Retentions(): ReactNode {
  const t = useT()
  const list = useList('/v1/retention', { limit: 100 })
  const columns: Column<Retention>[] = [
    {
      name: 'account', title: t('accounts.account'), width: 'minmax(9rem, 1.6fr)',
      cell: (kept) => (
        <TextLink to="/accounts/$id" params={{ id: kept.account_id }} search={{ view: 'retention' }}>
          <PlainName id={kept.account_id} />
        </TextLink>
      ),
    },
    ...KINDS.map((kind): Column<Retention> => ({
      name: kind, title: t(`accounts.kind.${kind}`), width: 'minmax(5rem, 1fr)', extra: SELDOM.includes(kind),
      cell: (kept) => (kept[kind] === null ? <span className="o-kept-default"><Kept days={kept.in_force[kind]} /></span> : <><strong><Kept days={kept.in_force[kind]} /></strong> <small>{t('accounts.keptOwnShort')}</small></>),
    })),
  ]
  return (
    <>
      <Text c="dimmed" mb="sm">{t('accounts.keptListAbout')}</Text>
      <DataList list={list} columns={columns} label={t('accounts.view.retention')} rowKey={(kept) => kept.account_id} empty={<NothingYet icon="building" title={t('accounts.none')} about={t('accounts.noneAbout')} />} />
    </>
  )
}
