// The order of the routes while a person changes it: what was seen when it began, and the order that is wanted.
//
// Rules kept here:
// - the routes are as they were when the first one was moved, so that what others change meanwhile is noticed;
// - after each move the focus is where it was, and the new place is said. A move is a transition, so that the rows of the
//   list stand in their order when the focus comes back;
// - a second move may come before the first one is drawn, and a drop before what it is dropped on: what was done last is
//   in `latest` and `dragged`.
import { type DragEvent, type HTMLAttributes, startTransition, useEffect, useRef, useState } from 'react'
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
  /** Move a route by so many places; `focus` is the id of the button that did it. */
  move: (id: string, by: number, focus?: string) => void
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
  const [drop, setDrop] = useState<Drop | null>(null)
  const latest = useRef(wanted)
  const dragged = useRef<string | null>(null)
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

  const want = (to: Wanted | null, word?: string): void => {
    latest.current = to
    startTransition(() => {
      setWanted(to)
      if (word !== undefined) setSaid(word)
    })
  }
  const move: Ordering['move'] = (id, steps, by) => {
    const seen = latest.current?.seen ?? rows
    const now = ordered(seen, latest.current?.ids ?? [])
    const from = now.findIndex((route) => route.id === id)
    const [route, to] = [now[from], from + steps]
    if (route === undefined || steps === 0 || to < 0 || to >= now.length) return
    focus.current = by ?? null
    want({ seen, ids: moved(now, from, to).map((each) => each.id) }, t('routing.movedTo', { name: route.name, place: to + 1, total: now.length }))
  }
  const endDrag = (): void => {
    dragged.current = null
    setDrop(null)
  }
  const isBelow = (event: DragEvent<HTMLElement>): boolean => {
    const box = event.currentTarget.getBoundingClientRect()
    return event.clientY > box.top + box.height / 2
  }
  const over = (event: DragEvent<HTMLElement>, place: number): void => {
    if (dragged.current === null) return
    event.preventDefault()
    const below = isBelow(event)
    setDrop((before) => (before?.place === place && before.below === below ? before : { place, below }))
  }

  const done = (word?: string): void => {
    focus.current = 'page-title' // the bar with its buttons goes
    want(null, word)
    setReviewing(false)
  }

  return {
    rows: shown,
    seen: wanted?.seen ?? null,
    moves,
    said,
    move,
    discard: () => done(t('routing.discarded')),
    done: () => done(),
    rebase: (now) => want({ seen: now, ids: ordered(now, latest.current?.ids ?? []).map(({ id }) => id) }),
    reviewing,
    setReviewing,
    dragProps: (id) => ({
      draggable: true,
      onDragStart: (event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', id)
        const row = event.currentTarget.closest('[role=row]')
        if (row !== null) event.dataTransfer.setDragImage(row, 12, 12)
        dragged.current = id
      },
      onDragEnd: endDrag,
    }),
    dropProps: (place) => ({
      'data-drop': drop?.place === place ? (drop.below ? 'below' : 'above') : undefined,
      onDragOver: (event) => over(event, place),
      onDrop: (event) => {
        const id = dragged.current
        if (id === null) return
        event.preventDefault()
        const from = shown.findIndex((route) => route.id === id)
        const to = place + Number(isBelow(event))
        move(id, (to > from ? to - 1 : to) - from)
        endDrag()
      },
    }),
  }
}
