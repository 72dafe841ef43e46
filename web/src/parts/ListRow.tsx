// One row of a list: its check box if rows can be selected, and a cell for each column.
//
// It is drawn again only if what it is given differs: while one scrolls, the rows that stay are not.
import { memo, type ReactNode, type Ref, startTransition, useOptimistic } from 'react'
import type { RowsProps, Selection } from './DataList'

type Props<R> = Pick<RowsProps<R>, 'columns' | 'rowTone' | 'rowProps'> & {
  row: R
  /** Its place among all rows, from 0. */
  place: number
  id: string
  select?: Selection<R>
  /** How far it is below the first one, where rows are placed by hand. */
  offset?: number
  ref?: Ref<HTMLDivElement>
}

function Row<R>({ row, place, columns, rowTone, rowProps, id, select, offset, ref }: Props<R>): ReactNode {
  const tone = rowTone?.(row)
  const selected = select?.keys.has(id) === true
  const style = offset === undefined ? undefined : { transform: `translateY(${offset}px)` }
  return (
    <div {...rowProps?.(row, place)} ref={ref} style={style} data-index={place} role="row" aria-rowindex={place + 2} className="o-list-row" data-tone={tone} aria-current={tone === 'open' || undefined} data-selected={selected || undefined}>
      {select !== undefined && (
        <div role="cell" className="o-list-check">
          <Check label={select.label(row)} checked={selected} onChange={() => select.change((keys) => toggled(keys, id))} />
        </div>
      )}
      {columns.map((column, index) => (
        <div key={column.name} role="cell" data-align={column.align} data-extra={column.extra} data-first={index === 0 || undefined}>
          <span className="o-list-name">{column.title}</span>
          <span className="o-list-value">{column.cell(row)}</span>
        </div>
      ))}
    </div>
  )
}

// Its types are lost on the way.
export const ListRow = memo(Row) as typeof Row

/** The keys with this one, or without it if it is among them. */
export function toggled(keys: ReadonlySet<string>, key: string): Set<string> {
  const changed = new Set(keys)
  if (!changed.delete(key)) changed.add(key)
  return changed
}

type CheckProps = { label: string; checked: boolean; some?: boolean; onChange: () => void }

/** A plain check box: lists are in the first load, and Mantine's would be alone there. It shows at once what is chosen, and
 * the page follows. */
export function Check({ label, checked, some = false, onChange }: CheckProps): ReactNode {
  const [shown, show] = useOptimistic(checked)
  const change = (): void =>
    startTransition(() => {
      show(!shown)
      onChange()
    })
  return (
    <label className="o-check">
      <input
        type="checkbox"
        aria-label={label}
        checked={shown}
        onChange={change}
        ref={(box) => {
          if (box !== null) box.indeterminate = some
        }}
      />
    </label>
  )
}
