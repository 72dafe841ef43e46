// The rows of a list page by page, all of a page in the document.
//
// Rules kept here:
// - which page one is on is kept with the place in the browser's history: back leads to the page that one left, and
//   another filter begins at the first;
// - after a change of the page the focus is on the list, at its beginning.
import { Button } from '@mantine/core'
import { useRouter, useRouterState } from '@tanstack/react-router'
import { memo, type ReactNode, useEffect, useRef } from 'react'
import { useT } from '../i18n/i18n'
import type { RowsProps } from './DataList'
import { useFormat } from './format'
import { Icon } from './Icon'
import { ListRow, toggled } from './ListRow'
import { ListTable } from './ListTable'
import { useRowKeys } from './rows'

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The pages of lists, by their paths; from 0. */
    listPages?: Record<string, number>
  }
}

export const PAGE_ROWS = 50

// Its types are lost on the way.
export const PagedRows = memo(Rows) as typeof Rows

function Rows<R>(props: RowsProps<R>): ReactNode {
  const t = useT()
  const format = useFormat()
  const { list, rowKey, select } = props
  const [page, setPage] = useListPage(list.path)
  const body = useRef<HTMLDivElement>(null)
  const top = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetching, isFetchingNextPage, fetchNextPage } = list
  const first = page * PAGE_ROWS
  const rows = list.rows.slice(first, first + PAGE_ROWS)
  const more = list.rows.length > first + PAGE_ROWS || hasNextPage

  // Rows of this page may not be read yet: after a step forward, and after a reload.
  const missing = rows.length < PAGE_ROWS && hasNextPage
  useEffect(() => {
    // Not while the whole list is read again: that would end.
    if (missing && !isFetching && !list.error) void fetchNextPage()
  }, [missing, isFetching, fetchNextPage, list.error])
  const beyond = rows.length === 0 && page > 0 && !hasNextPage
  useEffect(() => {
    if (beyond) setPage(Math.floor((list.rows.length - 1) / PAGE_ROWS))
  }, [beyond, setPage, list.rows.length])

  const toggle = (place: number): void => {
    const row = list.rows[place]
    if (row !== undefined) select?.change((keys) => toggled(keys, rowKey(row)))
  }
  useRowKeys({ body, count: first + rows.length, toggle: select && toggle })

  const go = (to: number): void => {
    setPage(to)
    top.current?.focus({ preventScroll: true })
    top.current?.scrollIntoView({ block: 'start' })
  }
  return (
    <div ref={top} tabIndex={-1} className="o-list-page">
      <ListTable {...props} within={rows} body={body}>
        {rows.map((row, place) => (
          <ListRow key={rowKey(row)} row={row} place={first + place} columns={props.columns} rowTone={props.rowTone} rowProps={props.rowProps} id={rowKey(row)} select={select} />
        ))}
      </ListTable>
      {(page > 0 || more) && (
        <nav className="o-list-pages" aria-label={t('parts.pages')}>
          <Button variant="default" size="xs" disabled={page === 0} leftSection={<Icon name="left" size={14} />} onClick={() => go(page - 1)}>
            {t('parts.previousPage')}
          </Button>
          <span>{t('parts.page', { number: format.number(page + 1) })}</span>
          <Button variant="default" size="xs" disabled={!more} loading={isFetchingNextPage} rightSection={<Icon name="right" size={14} />} onClick={() => go(page + 1)}>
            {t('parts.nextPage')}
          </Button>
        </nav>
      )}
    </div>
  )
}

/** The page of a list, and the way to another one. */
function useListPage(path: string): [page: number, set: (to: number) => void] {
  const router = useRouter()
  const page = useRouterState({ select: (state) => state.location.state.listPages?.[path] ?? 0 })
  const set = (to: number): void =>
    void router.navigate({
      to: '.',
      search: true,
      replace: true,
      resetScroll: false,
      state: (before) => ({ ...before, listPages: { ...before.listPages, [path]: to } }),
    })
  return [page, set]
}
