// The rows of a list under the keyboard: `j` and `k` move the focus from row to row, Enter then opens the row by its
// own link, `x` selects it.
import { useLetters } from '../app/letters'
import { useT } from '../i18n/i18n'

type Rows = {
  /** The element that holds the rows. */
  body: React.RefObject<HTMLElement | null>
  /** The rows that there are. Their places are `data-index`. */
  count: number
  /** Brings a row into the page that is not in it. */
  reveal?: (place: number) => void
  /** Selects or unselects the row at a place. */
  toggle?: (place: number) => void
}

const rowsIn = (body: HTMLElement | null): HTMLElement[] => [...(body?.querySelectorAll<HTMLElement>('[role=row]') ?? [])]
const placeOf = (row: HTMLElement): number => Number(row.dataset.index)

/** The place of the row that has the focus. */
function focused(body: HTMLElement | null): number | null {
  const row = document.activeElement?.closest<HTMLElement>('[role=row]') ?? null
  return row !== null && body?.contains(row) ? placeOf(row) : null
}

/** The first row below the head of the page. */
function firstInSight(body: HTMLElement | null): number {
  const head = document.querySelector('.o-header')?.getBoundingClientRect().bottom ?? 0
  const found = rowsIn(body).find((row) => row.getBoundingClientRect().top >= head)
  return found === undefined ? 0 : placeOf(found)
}

/** Give the focus to the row's own link, or to the row if it has none. */
function focusOn(row: HTMLElement): void {
  const target = row.querySelector<HTMLElement>('[data-first] a[href], [data-first] button') ?? row
  if (target === row) row.tabIndex = -1
  target.focus({ preventScroll: true })
  row.scrollIntoView({ block: 'nearest' })
}

export function useRowKeys({ body, count, reveal, toggle }: Rows): void {
  const t = useT()
  const move = (step: 1 | -1): void => {
    const at = focused(body.current)
    const place = at === null ? firstInSight(body.current) : Math.min(Math.max(at + step, 0), count - 1)
    const row = (): HTMLElement | undefined => rowsIn(body.current).find((each) => placeOf(each) === place)
    const there = row()
    if (there !== undefined) return focusOn(there)
    reveal?.(place)
    requestAnimationFrame(() => {
      const found = row()
      if (found !== undefined) focusOn(found)
    })
  }
  useLetters([
    { key: 'j', label: t('parts.key.next'), run: () => move(1) },
    { key: 'k', label: t('parts.key.previous'), run: () => move(-1) },
    { key: 'Enter', label: t('parts.key.open') },
    ...(toggle === undefined
      ? []
      : [
          {
            key: 'x',
            label: t('parts.key.select'),
            run: () => {
              const at = focused(body.current)
              if (at !== null) toggle(at)
            },
          },
        ]),
  ])
}
