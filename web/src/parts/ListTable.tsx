// The table around the rows of a list: its columns' names, and how many rows there are.
import type { ReactNode, RefObject } from 'react'
import { useT } from '../i18n/i18n'
import type { RowsProps, Selection } from './DataList'
import { Check } from './ListRow'

type Props<R> = RowsProps<R> & {
  /** Those that are in the page, or can be scrolled to. */
  within: readonly R[]
  body: RefObject<HTMLDivElement | null>
  style?: React.CSSProperties
  children: ReactNode
}

export function ListTable<R>({ list, columns, label, rowKey, select, within, body, style, children }: Props<R>): ReactNode {
  return (
    <div role="table" aria-label={label} aria-rowcount={list.hasNextPage ? -1 : list.rows.length + 1} aria-colcount={columns.length + (select === undefined ? 0 : 1)}>
      <div role="rowgroup" className="o-list-head">
        <div role="row" aria-rowindex={1} className="o-list-row">
          {select !== undefined && (
            <div role="columnheader" className="o-list-check">
              <CheckAll keys={within.map(rowKey)} select={select} />
            </div>
          )}
          {columns.map((column) => (
            <div key={column.name} role="columnheader" data-align={column.align} data-extra={column.extra}>
              {column.title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={body} style={style}>
        {children}
      </div>
    </div>
  )
}

/** Selects all rows that were read, or none. */
function CheckAll<R>({ keys, select }: { keys: readonly string[]; select: Selection<R> }): ReactNode {
  const t = useT()
  const all = keys.length > 0 && keys.every((key) => select.keys.has(key))
  return <Check label={t('parts.selectAll')} checked={all} some={!all && select.keys.size > 0} onChange={() => select.change(() => new Set(all ? [] : keys))} />
}
