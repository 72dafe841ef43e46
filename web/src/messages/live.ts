// The live list: what the feed tells is put into the rows that are shown, and new messages come to the top only while
// nobody is reading.
//
// Rules kept here:
// - a row that is shown is changed in its place, and stays until the list is read again;
// - new messages wait behind "37 new" if one has scrolled, points at a row, has the focus in one, or has text selected;
// - after a gap in the feed the list is read again, or offered to be. What is read again has what waited, too;
// - what the feed tells while the list is read is told again to what was read, which may be older.
import type { InfiniteData } from '@tanstack/react-query'
import { hashKey, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { type FeedState, useFeed } from '../app/feed'
import { listKey } from '../parts/useList'
import { type Message, messageOf, MESSAGES } from './message'
import { matches } from './search'
import type { MessagesSearch } from './shape'

export type Pages = InfiniteData<{ data: Message[]; next: string | null }>

/** Beyond so many waiting messages the list is read again in place of adding them. */
const MOST = 500

/** The rows with what the feed told of them. The same object if it told nothing. */
export function patched(pages: Pages, told: ReadonlyMap<string, Message>): Pages {
  const known = pages.pages.some((page) => page.data.some((row) => told.has(row.id)))
  if (!known) return pages
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, data: page.data.map((row) => told.get(row.id) ?? row) })) }
}

/** The rows with new ones on top, each once, newest first. */
export function prepended(pages: Pages, fresh: readonly Message[]): Pages {
  const [first, ...others] = pages.pages
  if (first === undefined || fresh.length === 0) return pages
  const shown = new Set(pages.pages.flatMap((page) => page.data.map((row) => row.id)))
  const added = fresh.filter((message) => !shown.has(message.id)).toSorted((a, b) => (a.id < b.id ? 1 : -1))
  return { ...pages, pages: [{ ...first, data: [...added, ...first.data] }, ...others] }
}

/** Of these, the ones that are new to the list and pass its filters. Ids are in the order of acceptance. */
export function freshOf(pages: Pages, told: ReadonlyMap<string, Message>, search: MessagesSearch, now: number): Message[] {
  const newest = pages.pages[0]?.data[0]?.id ?? ''
  return [...told.values()].filter((message) => message.id > newest && matches(search, message, now))
}

const atRest = (): boolean =>
  window.scrollY < 60 && document.querySelector('.o-messages:hover, .o-messages :focus') === null && (getSelection()?.isCollapsed ?? true)

export type Live = { feed: FeedState; waiting: number; added: ReadonlySet<string>; show: () => void }

export function useLiveMessages(query: object, search: MessagesSearch): Live {
  const queries = useQueryClient()
  const key = listKey(MESSAGES, query)
  const written = JSON.stringify(query)
  const [waiting, setWaiting] = useState<ReadonlyMap<string, Message>>(new Map())
  // What waits as of now: two batches may come before the page is drawn anew, and the second must know of the first.
  const latest = useRef(waiting)
  const wait = (messages: ReadonlyMap<string, Message>): void => {
    latest.current = messages
    setWaiting((before) => (before.size === 0 && messages.size === 0 ? before : messages))
  }
  const [missed, setMissed] = useState(false)
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    wait(new Map())
    setAdded((before) => (before.size === 0 ? before : new Set()))
    setMissed(false)
  }, [written])

  // What was told or shown since the list, or its next page, began to be read: the answer lacks it.
  const meanwhile = useRef(new Map<string, Message>())
  const reads = (): boolean => (queries.getQueryState(key)?.fetchStatus ?? 'idle') !== 'idle'

  const put = (fresh: readonly Message[]): void => {
    if (reads()) meanwhile.current = new Map([...fresh.map((message) => [message.id, message] as const), ...meanwhile.current])
    queries.setQueryData<Pages>(key, (pages) => pages && prepended(pages, fresh))
    setAdded((before) => new Set([...before, ...fresh.map((message) => message.id)].slice(-MOST)))
  }
  const again = (): void => void queries.invalidateQueries({ queryKey: key })

  /** Put what was told into the rows, on top of them, or behind "37 new". */
  const tell = (told: ReadonlyMap<string, Message>): void => {
    const pages = queries.getQueryData<Pages>(key)
    if (pages === undefined) return
    queries.setQueryData<Pages>(key, patched(pages, told))
    if (search.order === 'oldest') return // new ones come at the end, where they are read
    const fresh = freshOf(pages, told, search, Date.now())
    // An answer may lack what was shown while it was read: that stays, whoever reads.
    const shown = fresh.filter((message) => added.has(message.id))
    if (shown.length > 0) put(shown)
    const others = [...latest.current.values(), ...fresh].filter((message) => !added.has(message.id))
    const held = new Map(others.map((message) => [message.id, told.get(message.id) ?? message]))
    if (held.size === 0) return
    if (atRest() && held.size <= MOST) {
      put([...held.values()])
      wait(new Map())
    } else {
      wait(held)
    }
  }
  const teller = useRef(tell)
  useEffect(() => {
    teller.current = tell
  })

  const hash = hashKey(key)
  useEffect(() => {
    meanwhile.current.clear()
    return queries.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated' || event.query.queryHash !== hash) return
      const { action } = event
      if (action.type === 'fetch') meanwhile.current.clear()
      if (action.type !== 'success' || action.manual === true) return
      const told = new Map(meanwhile.current)
      meanwhile.current.clear()
      if (event.query.state.fetchMeta?.fetchMore === undefined) {
        wait(new Map())
        setMissed(false)
      }
      if (told.size > 0) teller.current(told)
    })
  }, [queries, hash])

  const feed = useFeed(({ events, gap }) => {
    const told = new Map<string, Message>()
    for (const event of events) {
      const message = messageOf(event)
      if (message !== null) told.set(message.id, message)
    }
    if (gap && queries.getQueryData(key) !== undefined) {
      if (atRest()) again()
      else setMissed(true)
    }
    // After `again`, which begins to read at once and forgets what was told before.
    if (reads()) {
      for (const [id, message] of told) meanwhile.current.set(id, message)
    }
    tell(told)
  })

  return {
    feed,
    waiting: missed ? Math.max(1, waiting.size) : waiting.size,
    added,
    show: () => {
      if (missed || latest.current.size > MOST) again()
      else put([...latest.current.values()])
      wait(new Map())
      setMissed(false)
      window.scrollTo({ top: 0 })
    },
  }
}
