// The live list while it is read: what the feed tells meanwhile, and what waits.
import { useInfiniteQuery } from '@tanstack/react-query'
import { act, cleanup, render, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useFeed } from '../app/feed'
import { type Session, SessionProvider, sessionOf } from '../app/session'
import { listKey } from '../parts/useList'
import { type Live, useLiveMessages } from './live'
import { type Message, MESSAGES } from './message'

type Page = { data: Message[]; next: string | null }
type Read = { answer: (...ids: string[]) => Promise<void>; refuse: () => Promise<void> }

const QUERY = { limit: 2 }
const message = (id: string, status = 'queued'): Message => ({ id, status, created_at: '2026-11-29T12:00:00Z', tags: [] }) as unknown as Message

let told: ReadableStreamDefaultController<Uint8Array>
let reads: Read[]
let live: Live
let list: { rows: string[]; reads: boolean; refetch: () => void; fetchNextPage: () => void }
/** How many batches of the feed came to the list. */
let batches: number
let session: Session
let place = 0
/** Text is selected: somebody reads. */
let reading = false
/** The tab is not looked at. */
let hidden = false

/** Let what has come be drawn, and what follows from that: each step takes a turn of the loop, however long it lasts. */
const drawn = (): Promise<void> =>
  act(async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0))
  })

/** Do this, and wait until the list has read and is drawn. */
async function settled(then: () => void): Promise<void> {
  await act(async () => then())
  await waitFor(() => expect(list.reads).toBe(false))
  await drawn()
}

function List(): ReactNode {
  const found = useInfiniteQuery({
    queryKey: listKey(MESSAGES, QUERY),
    initialPageParam: null as string | null,
    retry: false,
    queryFn: () =>
      new Promise<Page>((resolve, reject) => {
        reads.push({
          answer: (...ids) => settled(() => resolve({ data: ids.map((id) => message(...(id.split(':') as [string]))), next: 'more' })),
          refuse: () => settled(() => reject(new Error('refused'))),
        })
      }),
    getNextPageParam: (last) => last.next,
  })
  live = useLiveMessages(QUERY, {})
  useFeed(() => void (batches += 1))
  list = {
    reads: found.isFetching,
    rows: (found.data?.pages ?? []).flatMap(({ data }) => data.map(({ id, status }) => `${id}:${status}`)),
    refetch: () => void found.refetch(),
    fetchNextPage: () => void found.fetchNextPage(),
  }
  return null
}

/** Do this, and wait until the list got what the feed has then. */
async function batch(then: () => void): Promise<void> {
  const before = batches
  await act(async () => then())
  await waitFor(() => expect(batches).toBeGreaterThan(before))
  await drawn()
}

/** The feed tells of these messages. */
function said(...ids: string[]): void {
  const events = ids.map((id) => `id: evt_${(place += 1)}\nevent: message.queued\ndata: ${JSON.stringify({ data: message(...(id.split(':') as [string])) })}\n\n`)
  told.enqueue(new TextEncoder().encode(events.join('')))
}

/** The feed tells of these messages, and the list gets them. */
const tell = (...ids: string[]): Promise<void> => batch(() => said(...ids))

const read = async (place: number): Promise<Read> => {
  await waitFor(() => expect(reads.length).toBeGreaterThan(place))
  return reads[place] as Read
}

beforeEach(async () => {
  reads = []
  batches = 0
  reading = false
  hidden = false
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined)
  vi.stubGlobal('fetch', async () => new Response(new ReadableStream<Uint8Array>({ start: (controller) => void (told = controller) })))
  vi.spyOn(globalThis, 'getSelection').mockImplementation(() => ({ isCollapsed: !reading }) as Selection)
  session = sessionOf({ account: `acc_live${(place += 1)}`, mode: 'live' })
  // The feed begins while the list is read, which is no gap for it.
  await batch(() => void render(<SessionProvider session={session}><List /></SessionProvider>))
  await (await read(0)).answer('msg_2', 'msg_1')
  expect(list.rows).toEqual(['msg_2:queued', 'msg_1:queued'])
})

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

test('what is read again has what waited', async () => {
  reading = true
  await tell('msg_3')
  expect(live.waiting).toBe(1)
  act(() => list.refetch())
  await tell('msg_4')
  expect(live.waiting).toBe(2)
  await (await read(1)).answer('msg_3', 'msg_2')
  expect([list.rows, live.waiting]).toEqual([['msg_3:queued', 'msg_2:queued'], 1])
})

test('what was told before a read that failed is not told again to a later one', async () => {
  act(() => list.refetch())
  await tell('msg_2:sent')
  await (await read(1)).refuse()
  await tell('msg_2:delivered')
  act(() => list.refetch())
  await (await read(2)).answer('msg_2:delivered', 'msg_1')
  expect(list.rows).toEqual(['msg_2:delivered', 'msg_1:queued'])
})

test('what is shown while the next page is read stays', async () => {
  reading = true
  await tell('msg_3')
  act(() => list.fetchNextPage())
  const next = await read(1)
  reading = false
  act(() => live.show())
  expect(list.rows[0]).toBe('msg_3:queued')
  reading = true
  await next.answer('msg_0')
  expect([list.rows, live.waiting]).toEqual([['msg_3:queued', 'msg_2:queued', 'msg_1:queued', 'msg_0:queued'], 0])
})

test('a next page leaves what waits', async () => {
  reading = true
  await tell('msg_3')
  act(() => list.fetchNextPage())
  await (await read(1)).answer('msg_0')
  expect([list.rows.length, live.waiting]).toEqual([3, 1])
})

test('after too much for the feed the list is read at once, with what came behind the gap', async () => {
  hidden = true
  said(...Array.from({ length: 5_002 }, (_, at) => `msg_3${at + 1_000}`))
  await drawn()
  await batch(() => {
    hidden = false
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await (await read(1)).answer('msg_36000', 'msg_35999')
  expect([list.rows, live.waiting]).toEqual([['msg_36001:queued', 'msg_36000:queued', 'msg_35999:queued'], 0])
})
