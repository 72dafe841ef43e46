// The binds that are open now, all or those of one credential, with the use of their windows, and the button that ends
// one.
import { Progress } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { type Column, DataList } from '../parts/DataList'
import { IdLink } from '../parts/IdLink'
import { notify } from '../parts/Notices'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Ident, Time } from '../parts/Values'
import { type Bind, BINDS, EVERY_MS } from './smpp'

export function Binds({ credential }: { credential?: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [ending, setEnding] = useState<Bind | null>(null)
  const list = useList(BINDS, { limit: 100, credential_id: credential }, { every: EVERY_MS })
  const end = async ({ id }: Bind): Promise<void> => {
    await take(api.DELETE('/v1/smpp-binds/{id}', { params: { path: { id } } }))
    await queries.invalidateQueries({ queryKey: [BINDS] })
    notify(t('smpp.ended'))
  }
  const columns: Column<Bind>[] = [
    ...(credential === undefined ? [{ name: 'system_id', title: t('smpp.systemId'), width: 'minmax(6rem, 1fr)', cell: (bind: Bind) => <IdLink id={bind.credential_id}><strong><Ident>{bind.system_id}</Ident></strong></IdLink> }] : []),
    { name: 'kind', title: t('smpp.kind'), width: 'minmax(7rem, 0.8fr)', cell: (bind) => <Ident>{bind.kind}</Ident> },
    { name: 'from', title: t('smpp.from'), width: 'minmax(8rem, 1fr)', cell: (bind) => <><Ident>{bind.address}</Ident> {bind.tls && <span className="o-smpp-more">TLS</span>}</> },
    { name: 'since', title: t('smpp.since'), width: '7rem', cell: (bind) => <Time at={bind.since} /> },
    { name: 'window', title: t('smpp.window'), width: '6.5rem', cell: (bind) => <Use window={bind.window} label={t('smpp.window')} /> },
    { name: 'submissions', title: t('smpp.submissions'), width: '5.5rem', align: 'end', extra: true, cell: (bind) => <Count value={bind.submissions} /> },
    { name: 'deliveries', title: t('smpp.deliveries'), width: '6.5rem', align: 'end', extra: true, cell: (bind) => <Count value={bind.deliveries} /> },
    {
      name: 'end', title: t('smpp.actions'), width: '6rem', align: 'end',
      cell: (bind) => <Act calls="DELETE /v1/smpp-binds/{id}" size="xs" variant="default" onClick={() => setEnding(bind)}>{t('smpp.end')}</Act>,
    },
  ]
  return (
    <>
      <DataList
        list={list}
        columns={columns}
        label={t('smpp.binds')}
        rowKey={(bind) => bind.id}
        empty={<NothingYet icon="plug" title={t('smpp.noBinds')} about={t('smpp.noBindsAbout')} />}
      />
      {ending !== null && (
        <ConfirmDialog title={t('smpp.endTitle', { name: ending.system_id })} action={t('smpp.end')} onClose={() => setEnding(null)} onConfirm={() => end(ending)}>
          {t('smpp.endAbout')}
        </ConfirmDialog>
      )}
    </>
  )
}

/** How much of a window is in use. A full window is what makes a client slow. */
function Use({ window, label }: { window: Bind['window']; label: string }): ReactNode {
  const share = window.size === 0 ? 0 : (100 * window.used) / window.size
  return (
    <span className="o-smpp-use">
      <bdi dir="ltr"><Count value={window.used} /> / <Count value={window.size} /></bdi>
      <Progress.Root size="sm">
        <Progress.Section value={share} aria-label={label} color={share >= 90 ? 'red.8' : undefined} />
      </Progress.Root>
    </span>
  )
}
