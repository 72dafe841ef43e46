// The runs of a saved report, newest first, each with what became of it and its file.
import { Button, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { type Column, DataList } from '../parts/DataList'
import { Icon } from '../parts/Icon'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, ServerWords, Time } from '../parts/Values'
import { RunState } from './parts'
import { type Run, RUNS, type SavedReport } from './report'
import { useDownload } from './useDownload'

const EVERY_MS = 5_000

export function Runs({ report }: { report: SavedReport }): ReactNode {
  const t = useT()
  const download = useDownload(report)
  const list = useList(RUNS, { limit: 50 }, { path: { id: report.id }, every: EVERY_MS })
  const columns: Column<Run>[] = [
    { name: 'due', title: t('reports.runs.due'), width: 'minmax(9rem, 1fr)', cell: (run) => <Time at={run.due_at} as="short" /> },
    { name: 'state', title: t('reports.state'), width: '10rem', cell: (run) => <RunState run={run} /> },
    { name: 'how', title: t('reports.runs.how'), width: '8rem', extra: true, cell: (run) => (run.manual ? t('reports.runs.manual') : t('reports.runs.bySchedule')) },
    { name: 'rows', title: t('reports.runs.rows'), width: '6rem', align: 'end', cell: (run) => (run.rows === null ? '–' : <Count value={run.rows} />) },
    { name: 'error', title: t('reports.runs.error'), width: 'minmax(10rem, 2fr)', cell: (run) => (run.error === null ? '–' : <ServerWords>{run.error}</ServerWords>) },
    {
      name: 'file', title: t('reports.runs.file'), width: '9rem', align: 'end',
      cell: (run) => (
        <Button size="compact-sm" variant="default" leftSection={<Icon name="download" size={14} />} loading={download.busy} onClick={() => void download.load(run.due_at)}>
          {t('reports.runs.download')}
        </Button>
      ),
    },
  ]
  return (
    <section aria-labelledby="runs">
      <h2 id="runs" className="o-section">{t('reports.runs')}</h2>
      <DataList list={list} columns={columns} label={t('reports.runs')} rowKey={(run) => run.id} empty={<NothingYet icon="clock" title={t('reports.runs.none')} about={t('reports.runs.noneAbout')} />} />
      <Text size="sm" c="dimmed" mt="xs">{t('reports.runs.about')}</Text>
    </section>
  )
}
