// Which columns of a list one sees.
import { usePreference } from '../app/preferences'
import type { Column } from './DataList'

const NONE: Record<string, string[]> = {}

/** The names of the columns that one has hidden, by the path of the list. */
export const useHiddenColumns = (): Record<string, string[]> => usePreference('columns', NONE)

/** The columns without the hidden ones. The first is always shown. */
export function useShownColumns<R>(path: string, columns: Column<R>[]): Column<R>[] {
  const hidden = useHiddenColumns()[path] ?? []
  return hidden.length === 0 ? columns : columns.filter(({ name }, place) => place === 0 || !hidden.includes(name))
}
