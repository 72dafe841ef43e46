// A question with its answer in words, its chart or table, and what can be done with its figures.
import { ActionIcon, Group, Menu, SegmentedControl, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { saveFile } from '../parts/saveFile'
import { Icon } from '../parts/Icon'
import { notifyRefusal } from '../parts/Notices'
import { NothingMatches, Unread, Waiting } from '../parts/States'
import type { Row } from './figures'
import { NotKept } from './NotKept'
import { useDrop } from './useDrop'
import { FILTERS } from './view'
import { savedSearch } from './saving'
import type { Compared, View } from './useReports'
import type { Question as Name } from './search'

type Props = {
  name: Name
  view: View
  found: Compared
  /** The answer, as soon as there are figures. */
  answer: (rows: Row[], before: Row[]) => ReactNode
  chart: (rows: Row[], before: Row[]) => ReactNode
  table: (rows: Row[], before: Row[]) => ReactNode
  /** Choices of its own, beside chart or table. */
  choices?: ReactNode
  isEmpty: (rows: Row[]) => boolean
}

export function Question({ name, view, found, answer, chart, table, choices, isEmpty }: Props): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/analytics' })
  const asTable = view.search.table?.includes(name) === true
  const { now, before, blocked } = found
  const rows = now.data?.data
  const waiting = rows === undefined && blocked.length === 0 && now.error === null
  const past = before.data?.data ?? []
  const show = (to: string): void => {
    const others = (view.search.table ?? []).filter((each) => each !== name)
    const tables = to === 'table' ? [...others, name] : others
    void navigate({ search: (all) => ({ ...all, table: tables.length > 0 ? tables : undefined }), resetScroll: false })
  }
  const drop = useDrop()

  return (
    <section className="o-question" data-waiting={waiting} aria-labelledby={`question-${name}`}>
      <header>
        <div>
          <h2 id={`question-${name}`}>{t(`analytics.q.${name}`)}</h2>
          {waiting ? <p className="o-answer" /> : rows !== undefined && blocked.length === 0 && !isEmpty(rows) && <p className="o-answer">{answer(rows, past)}</p>}
        </div>
        {blocked.length === 0 && (
          <Group gap="xs">
            {choices}
            <SegmentedControl
              size="xs"
              aria-label={t('analytics.form')}
              value={asTable ? 'table' : 'chart'}
              onChange={show}
              data={[{ value: 'chart', label: t('analytics.chart') }, { value: 'table', label: t('analytics.table') }]}
            />
            <More name={name} view={view} found={found} />
          </Group>
        )}
      </header>
      {blocked.length > 0 ? (
        <NotKept filters={blocked} />
      ) : rows === undefined ? (
        now.error ? <Unread error={now.error} onAgain={() => void now.refetch()} /> : <Waiting rows={4} />
      ) : isEmpty(rows) ? (
        isFiltered(view) ? <NothingMatches onClear={() => drop(FILTERS)} /> : <Text c="dimmed">{t(`analytics.none.${name}`)}</Text>
      ) : (
        <>
          {(now.error ?? before.error) !== null && <Unread error={now.error ?? before.error} onAgain={() => void Promise.all([now.refetch(), before.refetch()])} stale />}
          {asTable ? table(rows, past) : chart(rows, past)}
          {(now.data?.left_out ?? 0) > 0 && <Text size="sm" c="dimmed">{t('analytics.leftOut', { count: now.data?.left_out ?? 0 })}</Text>}
        </>
      )}
    </section>
  )
}

const isFiltered = ({ search: { country, network, sender, carrier, class: class_ } }: View): boolean =>
  [country, network, sender, carrier, class_].some((value) => value !== undefined)

/** What else can be done with the figures: a file of them, and a report that is sent. */
function More({ name, view, found }: Pick<Props, 'name' | 'view' | 'found'>): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const load = async (): Promise<void> => {
    setBusy(true)
    try {
      const file: unknown = await take(api.GET('/v1/reports/messages', { params: { query: { ...found.query, format: 'csv' } }, parseAs: 'blob' }))
      if (file instanceof Blob) saveFile(file, `${name}.csv`)
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size="md" loading={busy} aria-label={t('analytics.more', { question: t(`analytics.q.${name}`) })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="download" size={16} />} onClick={() => void load()}>
          {t('analytics.csv')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="clock" size={16} />} onClick={() => void navigate({ to: '/reports', search: savedSearch(view.search, found.query) })}>
          {t('analytics.saveAs')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
