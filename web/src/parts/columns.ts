// The form of a list: which columns one sees, and how high a row is.
import { useMemo } from 'react'
import { usePreference } from '../app/preferences'
import type { Column } from './DataList'

/** The height of a row of one line, by the density that one chose. */
export const HEIGHT = { comfortable: 44, compact: 34 }

const NONE: Record<string, string[]> = {}

/** The names of the columns that one has hidden, by the path of the list. */
export const useHiddenColumns = (): Record<string, string[]> => usePreference('columns', NONE)

/** The columns without the hidden ones. The first is always shown. */
export function useShownColumns<R>(path: string, columns: Column<R>[]): Column<R>[] {
  const hidden = useHiddenColumns()[path]
  return useMemo(
    () => (hidden === undefined ? columns : columns.filter(({ name }, place) => place === 0 || !hidden.includes(name))),
    [columns, hidden],
  )
}
