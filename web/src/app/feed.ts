// The live feed: one connection for all tabs of a browser that act in the same account and mode.
//
// Rules kept here:
// - browsers give a site six HTTP/1.1 connections in all, and a seventh tab would wait without a word. So the tabs
//   choose one by a lock (Web Locks); it alone is connected, and hands events to the others (BroadcastChannel). A tab
//   that opens later asks it for the state;
// - events reach pages in batches, at most four a second;
// - after a break the feed goes on behind the last event; where that is too old, pages read their data again (`gap`);
// - a hidden tab gets its batch when it is looked at. After so many events that it would rather read again, it keeps none;
// - where the session has ended, the feed waits at the gate as other requests do, and goes on once the person has passed.
//   Only a tab that is looked at asks, and another may connect meanwhile: the person may pass there.
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { passed } from './gates'
import { API_BASE } from './places'
import { type Session, useSession } from './session'
import { eventsOf } from './sse'
import { headersOf, placeOf } from './where'

export type FeedEvent = { id: string; type: string; data: unknown }
export type FeedState = { state: 'live' | 'connecting' | 'off'; since: number }

/** What a page gets: events in their order, and whether some may be missing before them. */
export type Batch = { events: FeedEvent[]; gap: boolean }

/** What tabs tell each other. `asks`: a tab asks the connected one for its state. */
type Told = { events?: FeedEvent[]; gap?: boolean; state?: FeedState['state']; asks?: true }

const BATCH_MS = 250
const WAIT_MS = [1_000, 2_000, 5_000, 10_000, 30_000]
/** Without a sign of life for so long, the connection is dead: the server sends one each 15 seconds. */
const SILENCE_MS = 40_000
const REMEMBERED = 5_000

const feeds = new Map<string, Feed>()

export class Feed {
  state: FeedState = { state: 'connecting', since: Date.now() }
  private readonly place: string
  private readonly listeners = new Set<(batch: Batch) => void>()
  private readonly watchers = new Set<() => void>()
  private readonly channel: BroadcastChannel | null
  private waiting: Batch = { events: [], gap: false }
  private timer: ReturnType<typeof setTimeout> | null = null
  private stop: AbortController | null = null
  private last = ''
  /** Whether this tab is the one that is connected. */
  private holds = false
  private readonly seen = new Set<string>()

  private readonly session: Session

  constructor(session: Session) {
    this.session = session
    this.place = placeOf(session.where)
    this.channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(`onesixty-feed:${this.place}`) : null
    this.channel?.addEventListener('message', ({ data }: MessageEvent<Told>) => this.take(data))
    document.addEventListener('visibilitychange', () => this.schedule())
  }

  listen(listener: (batch: Batch) => void): () => void {
    this.listeners.add(listener)
    if (this.stop === null) this.begin()
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size === 0) this.end()
    }
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  private begin(): void {
    const stop = new AbortController()
    this.stop = stop
    this.channel?.postMessage({ asks: true } satisfies Told)
    this.turns(stop.signal).catch(() => undefined) // it was stopped before it got the lock
  }

  private end(): void {
    this.stop?.abort()
    this.stop = null
  }

  /** Be connected when it is this tab's turn, and again after each gate that the person passes. */
  private async turns(signal: AbortSignal): Promise<void> {
    const follow = (): Promise<Response | null> => this.follow(signal)
    const locks = 'locks' in navigator ? navigator.locks : null
    for (;;) {
      const refused = await (locks === null ? follow() : locks.request(`onesixty-feed:${this.place}`, { signal }, follow))
      if (refused === null || signal.aborted) return
      if (document.hidden) await shown(signal)
      else if (!(await passed(refused))) return
    }
  }

  /** Be connected until told to stop (null), or refused. */
  private async follow(signal: AbortSignal): Promise<Response | null> {
    this.holds = true
    try {
      for (let failures = 0; !signal.aborted; failures += 1) {
        const began = Date.now()
        const refused = await this.connected(signal)
        if (refused !== null) {
          this.tell({ state: 'off' })
          return refused
        }
        if (Date.now() - began > 60_000) failures = 0
        if (signal.aborted) return null
        this.tell({ state: 'connecting' })
        await pause(WAIT_MS[Math.min(failures, WAIT_MS.length - 1)] ?? 1_000, signal)
      }
      return null
    } finally {
      this.holds = false
    }
  }

  /** Be connected once. An answer that refuses is not asked for again; null: try again. */
  private async connected(signal: AbortSignal): Promise<Response | null> {
    const own = new AbortController()
    const quiet = new Alarm(SILENCE_MS, () => own.abort())
    const whole = AbortSignal.any([signal, own.signal])
    const headers = { ...headersOf(this.session.where), ...(this.last && { 'Last-Event-ID': this.last }) }
    try {
      const answer = await fetch(`${API_BASE}/v1/events`, { headers, signal: whole })
      if (answer.status === 422 && this.last !== '') {
        this.last = '' // too old to go on from
        this.tell({ gap: true })
        return null
      }
      if (!answer.ok || answer.body === null) return answer.status < 500 && answer.status !== 429 ? answer : null
      this.tell({ state: 'live', gap: this.last === '' }) // pages may have read before the feed began
      for await (const event of eventsOf(answer.body)) {
        quiet.again()
        if (event !== null) this.tell({ events: [{ ...event, data: JSON.parse(event.data) as unknown }] })
      }
    } catch {
      // The network, or the end of the connection: the next try shows which.
    } finally {
      quiet.off()
    }
    return null
  }

  private tell(told: Told): void {
    this.channel?.postMessage(told)
    this.take(told)
  }

  private take(told: Told): void {
    if (told.asks === true) {
      if (this.holds) this.channel?.postMessage({ state: this.state.state } satisfies Told)
      return
    }
    if (told.state !== undefined && told.state !== this.state.state) {
      this.state = { state: told.state, since: Date.now() }
      for (const watcher of this.watchers) watcher()
    }
    if (told.gap === true) this.waiting.gap = true
    for (const event of told.events ?? []) {
      this.last = event.id
      if (this.seen.has(event.id)) continue // the feed may repeat what came just before a break
      this.seen.add(event.id)
      if (this.seen.size > REMEMBERED) this.seen.delete(this.seen.values().next().value ?? '')
      this.waiting.events.push(event)
    }
    if (this.waiting.events.length > REMEMBERED) this.waiting = { events: [], gap: true }
    this.schedule()
  }

  private schedule(): void {
    const nothing = this.waiting.events.length === 0 && !this.waiting.gap
    if (this.timer !== null || nothing || document.hidden) return
    this.timer = setTimeout(() => {
      this.timer = null
      const batch = this.waiting
      this.waiting = { events: [], gap: false }
      for (const listener of this.listeners) listener(batch)
    }, BATCH_MS)
  }
}

class Alarm {
  private timer: ReturnType<typeof setTimeout>

  private readonly milliseconds: number
  private readonly ring: () => void

  constructor(milliseconds: number, ring: () => void) {
    this.milliseconds = milliseconds
    this.ring = ring
    this.timer = setTimeout(ring, milliseconds)
  }

  again(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.ring, this.milliseconds)
  }

  off(): void {
    clearTimeout(this.timer)
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** Wait until the tab is looked at. */
const shown = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = new AbortController()
    const look = (): void => {
      if (document.hidden && !signal.aborted) return
      done.abort()
      resolve()
    }
    document.addEventListener('visibilitychange', look, { signal: done.signal })
    signal.addEventListener('abort', look, { signal: done.signal })
  })

function feedOf(session: Session): Feed {
  const place = placeOf(session.where)
  let found = feeds.get(place)
  if (found === undefined) {
    found = new Feed(session)
    feeds.set(place, found)
  }
  return found
}

/** Follow the feed while a component is shown. `onBatch` gets every event: look at their `type`. */
export function useFeed(onBatch: (batch: Batch) => void): FeedState {
  const feed = feedOf(useSession())
  const latest = useRef(onBatch)
  useEffect(() => {
    latest.current = onBatch
  })
  useEffect(() => feed.listen((batch) => latest.current(batch)), [feed])
  return useSyncExternalStore(feed.watch, () => feed.state)
}
