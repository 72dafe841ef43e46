// The order of the routes while a person changes it: what was seen when it began, and the order that is wanted.
//
// Rules kept here:
// - the routes are as they were when the first one was moved, so that what others change meanwhile is noticed;
// - after each move the focus is where it was, and the new place is said.
import { type DragEvent, type HTMLAttributes, useEffect, useRef, useState } from 'react'
import { useUnsaved } from '../app/unsaved'
import { useT } from '../i18n/i18n'
import { moved, movesBetween, ordered } from './order'
import type { Route } from './route'

type Drop = { place: number; below: boolean }
type Wanted = { seen: readonly Route[]; ids: readonly string[] }

export type Ordering = {
  /** The routes in the wanted order. */
  rows: Route[]
  /** The routes as they were seen; null while nothing is moved. */
  seen: readonly Route[] | null
  /** How many routes were moved. */
  moves: number
  /** What a screen reader says of the last move. */
  said: string
  /** Move a route; `focus` is the id of the button that did it. */
  move: (from: number, to: number, focus?: string) => void
  discard: () => void
  /** It is saved. */
  done: () => void
  /** Keep the wanted order on top of these routes. */
  rebase: (now: readonly Route[]) => void
  reviewing: boolean
  setReviewing: (open: boolean) => void
  dragProps: (id: string) => HTMLAttributes<HTMLElement> & { draggable: true }
  dropProps: (place: number) => HTMLAttributes<HTMLDivElement> & { 'data-drop'?: string }
}

export function useOrdering(rows: readonly Route[]): Ordering {
  const t = useT()
  const [wanted, setWanted] = useState<Wanted | null>(null)
  const [said, setSaid] = useState('')
  const [reviewing, setReviewing] = useState(false)
  const [dragged, setDragged] = useState<string | null>(null)
  const [drop, setDrop] = useState<Drop | null>(null)
  const focus = useRef<string | null>(null)
  const base = wanted?.seen ?? rows
  const shown = wanted === null ? [...rows] : ordered(base, wanted.ids)
  const moves = wanted === null ? 0 : movesBetween(base.map(({ id }) => id), wanted.ids).length
  useUnsaved(moves > 0)

  useEffect(() => {
    // A row that React moves in the page loses the focus.
    if (focus.current !== null) document.getElementById(focus.current)?.focus()
    focus.current = null
  }, [wanted])

  const move: Ordering['move'] = (from, to, by) => {
    const route = shown[from]
    if (route === undefined || from === to || to < 0 || to >= shown.length) return
    focus.current = by ?? null
    setWanted({ seen: base, ids: moved(shown, from, to).map(({ id }) => id) })
    setSaid(t('routing.movedTo', { name: route.name, place: to + 1, total: shown.length }))
  }
  const endDrag = (): void => {
    setDragged(null)
    setDrop(null)
  }
  const over = (event: DragEvent<HTMLElement>, place: number): void => {
    if (dragged === null) return
    event.preventDefault()
    const box = event.currentTarget.getBoundingClientRect()
    const below = event.clientY > box.top + box.height / 2
    if (drop?.place !== place || drop.below !== below) setDrop({ place, below })
  }

  const done = (): void => {
    focus.current = 'page-title' // the bar with its buttons goes
    setWanted(null)
    setReviewing(false)
  }

  return {
    rows: shown,
    seen: wanted?.seen ?? null,
    moves,
    said,
    move,
    discard: () => {
      done()
      setSaid(t('routing.discarded'))
    },
    done,
    rebase: (now) => setWanted({ seen: now, ids: ordered(now, wanted?.ids ?? []).map(({ id }) => id) }),
    reviewing,
    setReviewing,
    dragProps: (id) => ({
      draggable: true,
      onDragStart: (event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', id)
        const row = event.currentTarget.closest('[role=row]')
        if (row !== null) event.dataTransfer.setDragImage(row, 12, 12)
        setDragged(id)
      },
      onDragEnd: endDrag,
    }),
    dropProps: (place) => ({
      'data-drop': drop?.place === place ? (drop.below ? 'below' : 'above') : undefined,
      onDragOver: (event) => over(event, place),
      onDrop: (event) => {
        if (dragged === null || drop === null) return
        event.preventDefault()
        const from = shown.findIndex(({ id }) => id === dragged)
        const to = place + Number(drop.below)
        move(from, to > from ? to - 1 : to)
        endDrag()
      },
    }),
  }
}
