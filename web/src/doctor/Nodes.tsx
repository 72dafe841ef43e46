// The nodes of the installation: which of them run, since when, and what each does.
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { NothingYet } from '../parts/States'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { useList } from '../parts/useList'
import { Count, Ident, Time } from '../parts/Values'

type Node = components['schemas']['NodeView']

const TONES: Record<Node['state'], Tone> = { running: 'good', gone: 'bad', stopped: 'quiet' }

export function Nodes(): ReactNode {
  const t = useT()
  const list = useList('/v1/nodes', { limit: 100 }, { every: 10_000 })
  const columns: Column<Node>[] = [
    {
      name: 'name', title: t('doctor.node'), width: 'minmax(9rem, 1.3fr)',
      cell: (node) => (
        <>
          <Ident>{node.name}</Ident>
          {node.answers && ` (${t('doctor.thisNode')})`}
        </>
      ),
    },
    { name: 'state', title: t('doctor.state'), width: '9rem', cell: (node) => <StatusBadge tone={TONES[node.state]}>{t(`doctor.state.${node.state}`)}</StatusBadge> },
    { name: 'roles', title: t('doctor.does'), width: 'minmax(11rem, 1.8fr)', cell: (node) => <Ident>{node.roles.join(', ')}</Ident> },
    { name: 'processes', title: t('doctor.processes'), width: '6.5rem', extra: true, cell: (node) => <Count value={node.processes} /> },
    { name: 'version', title: t('doctor.version'), width: '7rem', cell: (node) => <Ident>{node.version}</Ident> },
    { name: 'started', title: t('doctor.started'), cell: (node) => <Time at={node.started_at} /> },
    { name: 'ended', title: t('doctor.ended'), extra: true, cell: (node) => <Time at={node.ended_at} never="–" /> },
  ]
  return (
    <DataList
      list={list}
      columns={columns}
      label={t('doctor.nodes')}
      rowKey={(node) => String(node.lease)}
      rowTone={(node) => (node.state === 'stopped' ? 'faded' : undefined)}
      empty={<NothingYet icon="building" title={t('doctor.noNode')} about={t('doctor.noNodeAbout')} />}
    />
  )
}
