// The feed of one tab, from a server that the test holds.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Batch, Feed } from './feed'
import { settle } from './gates'
import { sessionOf } from './session'

const problem = (status: number, code: string): Response => new Response(JSON.stringify({ code, detail: '' }), { status })

let told: ReadableStreamDefaultController<Uint8Array>
const streaming = (): Response =>
  new Response(
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        told = controller
      },
    }),
  )

/** The server tells so many events. */
function tell(count: number, from = 0): void {
  const events = Array.from({ length: count }, (_, place) => `id: evt_${from + place}\nevent: message.queued\ndata: {}\n\n`)
  told.enqueue(new TextEncoder().encode(events.join('')))
}

/** On a loaded machine it may take seconds. */
const until = (holds: () => void): Promise<void> => vi.waitFor(holds, 20_000)

let place = 0
const ends: (() => void)[] = []

/** A feed that is listened to, and the batches that it gave. */
function following(): { feed: Feed; batches: Batch[] } {
  // An account of its own: no other feed is told anything.
  const feed = new Feed(sessionOf({ account: `acc_feed${(place += 1)}`, mode: 'live' }))
  const batches: Batch[] = []
  ends.push(feed.listen((batch) => batches.push(batch)))
  return { feed, batches }
}

let hidden = false
const look = (away: boolean): void => {
  hidden = away
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  hidden = false
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
})

afterEach(() => {
  for (const end of ends.splice(0)) end()
  settle(false)
  vi.unstubAllGlobals()
})

/** A server that gives these answers, and then streams. */
function serving(...answers: Response[]): { asked: () => number } {
  const fetched = vi.fn(async () => answers.shift() ?? streaming())
  vi.stubGlobal('fetch', fetched)
  return { asked: () => fetched.mock.calls.length }
}

test('a hidden tab keeps what came, and reads again where that is too much', async () => {
  serving()
  const { feed, batches } = following()
  await until(() => expect(batches).toEqual([{ events: [], gap: true }]))
  expect(feed.state.state).toBe('live')

  look(true)
  tell(2)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(batches).toHaveLength(1)
  look(false)
  await until(() => expect(batches.slice(1).map(({ events, gap }) => [events.length, gap])).toEqual([[2, false]]))

  look(true)
  tell(5_002, 2)
  await new Promise((resolve) => setTimeout(resolve, 300))
  look(false)
  await until(() => expect(batches).toHaveLength(3))
  expect(batches[2]).toMatchObject({ gap: true, events: [{ id: 'evt_5003' }] })
})

test('where the session has ended the feed waits for the person, and goes on', async () => {
  const { asked } = serving(problem(401, 'session_ended'))
  const { feed } = following()
  await until(() => expect(feed.state.state).toBe('off'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(asked()).toBe(1)
  settle(true)
  await until(() => expect(feed.state.state).toBe('live'))
  expect(asked()).toBe(2)
})

test('a hidden tab asks nobody: it tries again when it is looked at', async () => {
  const { asked } = serving(problem(401, 'session_ended'))
  hidden = true
  const { feed } = following()
  await until(() => expect(feed.state.state).toBe('off'))
  settle(true) // nobody stands at a gate
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(asked()).toBe(1)
  look(false)
  await until(() => expect(feed.state.state).toBe('live'))
})

test('what the account may not do it does not ask for again', async () => {
  const { asked } = serving(problem(403, 'forbidden'))
  const { feed } = following()
  await until(() => expect(feed.state.state).toBe('off'))
  look(true)
  look(false)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(asked()).toBe(1)
})
