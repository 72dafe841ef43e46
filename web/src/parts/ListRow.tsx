// One row of a list: its check box if rows can be selected, and a cell for each column.
import type { ComponentPropsWithRef, ReactNode } from 'react'
import type { Column, RowTone, Selection } from './DataList'

type Props<R> = ComponentPropsWithRef<'div'> & {
  row: R
  /** Its place among all rows, from 0. */
  place: number
  columns: readonly Column<R>[]
  tone?: RowTone
  id: string
  select?: Selection<R>
}

export function ListRow<R>({ row, place, columns, tone, id, select, ...props }: Props<R>): ReactNode {
  const selected = select?.keys.has(id) === true
  return (
    <div {...props} data-index={place} role="row" aria-rowindex={place + 2} className="o-list-row" data-tone={tone} aria-current={tone === 'open' || undefined} data-selected={selected || undefined}>
      {select !== undefined && (
        <div role="cell" className="o-list-check">
          <Check label={select.label(row)} checked={selected} onChange={() => select.onChange(toggled(select.keys, id))} />
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

/** The keys with this one, or without it if it is among them. */
export function toggled(keys: ReadonlySet<string>, key: string): Set<string> {
  const changed = new Set(keys)
  if (!changed.delete(key)) changed.add(key)
  return changed
}

type CheckProps = { label: string; checked: boolean; some?: boolean; onChange: () => void }

/** A plain check box: lists are in the first load, and Mantine's would be alone there. */
export function Check({ label, checked, some = false, onChange }: CheckProps): ReactNode {
  return (
    <label className="o-check">
      <input
        type="checkbox"
        aria-label={label}
        checked={checked}
        onChange={onChange}
        ref={(box) => {
          if (box !== null) box.indeterminate = some
        }}
      />
    </label>
  )
}
