// Binds that were refused: who tried, from where, how often, and why.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { IdLink } from '../parts/IdLink'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Ident, ServerWords, Time } from '../parts/Values'
import { EVERY_MS, REFUSED, type RefusedBind } from './smpp'

const REASONS = ['password', 'system_id', 'address', 'max_binds', 'expired', 'closed', 'locked', 'unavailable'] as const
const isReason = (text: string): text is (typeof REASONS)[number] => REASONS.some((reason) => reason === text)

/** All, or those of one credential: the API keeps the last ones of a node in memory, and lists them whole. */
export function RefusedBinds({ credential }: { credential?: string }): ReactNode {
  const t = useT()
  const all = useList(REFUSED, {}, { every: EVERY_MS })
  const list = credential === undefined ? all : { ...all, rows: all.rows.filter((one) => one.credential_id === credential) }
  const columns: Column<RefusedBind>[] = [
    ...(credential === undefined ? [{ name: 'system_id', title: t('smpp.systemId'), width: 'minmax(7rem, 1fr)', cell: (one: RefusedBind) => <Whose one={one} /> }] : []),
    {
      name: 'reason', title: t('smpp.reason'), width: 'minmax(11rem, 2fr)',
      cell: (one) => <>{isReason(one.reason) ? t(`smpp.reason.${one.reason}`) : <ServerWords>{one.reason}</ServerWords>} <span className="o-smpp-more"><Ident>{one.command_status}</Ident></span></>,
    },
    { name: 'from', title: t('smpp.from'), width: 'minmax(9rem, 1.1fr)', cell: (one) => <><Ident>{one.address}</Ident> {one.tls && <span className="o-smpp-more">TLS</span>}</> },
    { name: 'kind', title: t('smpp.kind'), width: 'minmax(7rem, 0.8fr)', extra: true, cell: (one) => <Ident>{one.kind}</Ident> },
    { name: 'count', title: t('smpp.times'), width: '4.5rem', align: 'end', cell: (one) => <Count value={one.count} /> },
    { name: 'first', title: t('smpp.first'), width: '7.5rem', extra: true, cell: (one) => <Time at={one.first_at} /> },
    { name: 'last', title: t('smpp.last'), width: '7.5rem', cell: (one) => <Time at={one.last_at} /> },
  ]
  return (
    <DataList
      list={list}
      columns={columns}
      label={t('smpp.refused')}
      rowKey={(one) => [one.system_id, one.address, one.reason, one.kind].join(' ')}
      empty={<NothingYet icon="check" title={t('smpp.noRefused')} about={t('smpp.noRefusedAbout')} />}
    />
  )
}

/** A known system id leads to its credential. */
function Whose({ one }: { one: RefusedBind }): ReactNode {
  const name = <strong><Ident>{one.system_id}</Ident></strong>
  return one.credential_id === null ? name : <IdLink id={one.credential_id}>{name}</IdLink>
}
