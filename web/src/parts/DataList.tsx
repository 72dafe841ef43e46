// A list of rows with columns, of any length.
//
// Rules kept here:
// - it is endless: it scrolls with the page, only what is in sight is in the page, and the next rows are read when
//   one nears the end. Who prefers pages gets whole pages (`PagedRows`), which the browser's own search and screen
//   readers see as they are;
// - `aria-rowcount` and `aria-rowindex` tell the true places, also while rows are missing from the page; -1 is the
//   number of rows while there are further ones;
// - where there is no room, columns become lines with their names (320 px);
// - the first column leads to the row's own page, if there is one, and is always shown. The others can be hidden;
// - rows that could not be read again are greyed a little, beside the word above them;
// - the rows follow the page (`useDeferredValue`): a press is answered first, and the rows are drawn behind it, a few
//   milliseconds at a time. Until then those of before stand there, or a place as high as they will be.
import { type HTMLAttributes, lazy, type ReactNode, Suspense, useDeferredValue } from 'react'
import { usePreference } from '../app/preferences'
import { HEIGHT, useShownColumns } from './columns'
import { NothingMatches, Unread, Waiting } from './States'
import type { List } from './useList'
import './list.css'

// The rows are loaded while the data is read: nobody waits for both in turn.
const endless = import('./EndlessRows')
const EndlessRows = lazy(() => endless.then((found) => ({ default: found.EndlessRows })))
const PagedRows = lazy(() => import('./PagedRows').then((found) => ({ default: found.PagedRows })))
const ListOptions = lazy(() => import('./ListOptions').then((found) => ({ default: found.ListOptions })))

export type Column<R> = {
  name: string
  title: string
  cell: (row: R) => ReactNode
  /** As in `grid-template-columns`: `8rem`, `minmax(8rem, 1fr)`. Default: `minmax(6rem, 1fr)`. */
  width?: string
  align?: 'start' | 'end'
  /** Left out where there is little room. */
  extra?: boolean
}

/** Rows that are selected, by their keys. */
export type Selection<R> = {
  keys: ReadonlySet<string>
  /** What is selected follows from what was: a second change may come before the list is drawn with the first. */
  change: (to: (keys: ReadonlySet<string>) => ReadonlySet<string>) => void
  /** What a row's check box is called. */
  label: (row: R) => string
}

export type RowTone = 'faded' | 'new' | 'open' | undefined

type Props<R> = {
  list: List<R>
  columns: Column<R>[]
  /** What the list is of, for those who do not see it. */
  label: string
  rowKey: (row: R) => string
  /** In place of an empty list without filters. */
  empty: ReactNode
  /** Given if filters are set: drops them. */
  onClear?: () => void
  /** What is said if the filters leave nothing, in place of a general word. */
  noMatch?: ReactNode
  /** A row that differs: faded, new, or the one that is open beside the list. */
  rowTone?: (row: R) => RowTone
  /** More attributes of a row: where something can be dropped on it. */
  rowProps?: (row: R, place: number) => HTMLAttributes<HTMLDivElement>
  /** Given if rows can be selected. */
  select?: Selection<R>
}

export type RowsProps<R> = Pick<Props<R>, 'list' | 'columns' | 'label' | 'rowKey' | 'rowTone' | 'rowProps' | 'select'>

export function DataList<R>(props: Props<R>): ReactNode {
  const drawn = useDeferredValue<Props<R> | null>(props, null)
  const { list } = drawn ?? props
  const density = usePreference('density', 'comfortable')
  const again = (): void => void list.refetch()
  if (drawn === null || list.data === undefined) {
    if (drawn !== null && list.error) return <Unread error={list.error} onAgain={again} />
    return (
      <div style={{ minBlockSize: list.rows.length * HEIGHT[density] }}>
        <Waiting rows={10} />
      </div>
    )
  }
  const { empty, onClear, noMatch, ...rows } = drawn
  if (list.rows.length === 0 && !list.hasNextPage) {
    return onClear === undefined ? empty : <NothingMatches onClear={onClear}>{noMatch}</NothingMatches>
  }
  return (
    <>
      {list.error ? <Unread error={list.error} onAgain={again} stale /> : null}
      <Rows {...rows} busy={drawn !== props} />
    </>
  )
}

function Rows<R>({ busy, ...props }: RowsProps<R> & { busy: boolean }): ReactNode {
  const { list, select } = props
  const density = usePreference('density', 'comfortable')
  const paged = usePreference('pages', 'off') === 'on'
  const columns = useShownColumns(list.path, props.columns)
  // A lazy component has lost what its rows are; it hands them back to functions of the same list.
  const shown = { ...props, columns } as unknown as RowsProps<unknown>
  const check = select === undefined ? '' : '1.5rem '
  const gridOf = (shown: Column<R>[]): string => check + shown.map((column) => column.width ?? 'minmax(6rem, 1fr)').join(' ')
  // React's types know no variables of CSS.
  const grid = {
    '--columns': gridOf(columns),
    '--columns-few': gridOf(columns.filter((column) => column.extra !== true)),
  } as React.CSSProperties
  return (
    <div className="o-list" aria-busy={busy || undefined} data-density={density} data-paged={paged || undefined} data-stale={list.isRefetchError || undefined} style={grid}>
      <Suspense>
        <ListOptions path={list.path} columns={props.columns} />
      </Suspense>
      <Suspense fallback={<Waiting rows={10} />}>{paged ? <PagedRows {...shown} /> : <EndlessRows {...shown} />}</Suspense>
    </div>
  )
}
