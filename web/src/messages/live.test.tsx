// The live list while it is read: what the feed tells meanwhile, and what waits.
import { useInfiniteQuery } from '@tanstack/react-query'
import { act, cleanup, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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
let list: { rows: string[]; refetch: () => void; fetchNextPage: () => void }
let session: Session
let place = 0
/** Text is selected: somebody reads. */
let reading = false
/** The tab is not looked at. */
let hidden = false

/** Do this, and wait until it is drawn. */
const settled = (then: () => void): Promise<void> =>
  act(async () => {
    then()
    await new Promise((resolve) => setTimeout(resolve, 20))
  })

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
  list = {
    rows: (found.data?.pages ?? []).flatMap(({ data }) => data.map(({ id, status }) => `${id}:${status}`)),
    refetch: () => void found.refetch(),
    fetchNextPage: () => void found.fetchNextPage(),
  }
  return null
}

/** The feed tells of these messages, and the list gets them. */
const tell = (...ids: string[]): Promise<void> =>
  act(async () => {
    const events = ids.map((id) => `id: evt_${(place += 1)}\nevent: message.queued\ndata: ${JSON.stringify({ data: message(...(id.split(':') as [string])) })}\n\n`)
    told.enqueue(new TextEncoder().encode(events.join('')))
    await new Promise((resolve) => setTimeout(resolve, 300))
  })

const read = async (place: number): Promise<Read> => {
  await vi.waitFor(() => expect(reads.length).toBeGreaterThan(place))
  return reads[place] as Read
}

beforeEach(async () => {
  reads = []
  reading = false
  hidden = false
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined)
  vi.stubGlobal('fetch', async () => new Response(new ReadableStream<Uint8Array>({ start: (controller) => void (told = controller) })))
  vi.spyOn(globalThis, 'getSelection').mockImplementation(() => ({ isCollapsed: !reading }) as Selection)
  session = sessionOf({ account: `acc_live${(place += 1)}`, mode: 'live' })
  render(<SessionProvider session={session}><List /></SessionProvider>)
  // The feed begins while the list is read, which is no gap for it.
  await act(() => new Promise((resolve) => setTimeout(resolve, 300)))
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
  await tell(...Array.from({ length: 5_002 }, (_, at) => `msg_3${at + 1_000}`))
  hidden = false
  await act(async () => {
    document.dispatchEvent(new Event('visibilitychange'))
    await new Promise((resolve) => setTimeout(resolve, 300))
  })
  await (await read(1)).answer('msg_36000', 'msg_35999')
  expect([list.rows, live.waiting]).toEqual([['msg_36001:queued', 'msg_36000:queued', 'msg_35999:queued'], 0])
})
