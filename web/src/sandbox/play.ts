// Plays a scenario by the calls that any program can make, and tells after each look what was seen.
//
// Rules kept here:
// - the times are the server's: what a handset answers is looked for from the time of our message on;
// - a step ends when all of its checks hold or one has failed for good, at the latest after its patience. The next step
//   is not done after a step that failed;
// - a carrier that was taken down is up again, however the scenario ends.
import { type Api, take } from '../api/client'
import { isRefusal, type Refusal } from '../api/problem'
import { isOpen } from '../messages/history'
import { type Check, type Endpoint, isPassed, isSettled, judge, type Seen } from './judge'
import type { Scenario, ScenarioId, Step } from './scenarios'

/** What a step did, and what was seen of it. `carrier` is the one that was taken down. */
export type Played = { step: Step; at: string; seen: readonly Seen[]; checks: readonly Check[]; carrier?: string }
export type RunState = 'playing' | 'passed' | 'failed' | 'stopped'
export type Run = { scenario: ScenarioId; state: RunState; steps: readonly Played[]; refusal: Refusal | null }

export type World = {
  /** The test mode, in which all is sent. */
  api: Api
  /** The live mode, whose rights a change of a carrier needs. */
  live: Api
  from: string
  text: string
  endpoints: readonly Endpoint[]
  tell: (run: Run) => void
  signal: AbortSignal
  now?: () => number
  wait?: (milliseconds: number) => Promise<void>
}

/** How often it looks, and for how long at most: at a message that is open, and at one that has ended. */
const LOOK_MS = 600
const OPEN_MS = 45_000
const ENDED_MS = 9_000
/** How long a carrier is down if nobody brings it up again. */
const DOWN = '20s'

export async function play(scenario: Scenario, world: World): Promise<Run> {
  let run: Run = { scenario: scenario.id, state: 'playing', steps: [], refusal: null }
  const told = (changes: Partial<Run>): Run => {
    run = { ...run, ...changes }
    world.tell(run)
    return run
  }
  told({})
  try {
    for (const step of scenario.steps) {
      const before = run.steps
      const down = before.find((played) => played.carrier !== undefined)?.carrier
      const last = await playStep(step, world, down, (played) => told({ steps: [...before, played] }))
      if (world.signal.aborted) return told({ state: 'stopped' })
      if (!isPassed(last.checks)) return told({ state: 'failed' })
    }
    return told({ state: 'passed' })
  } catch (error) {
    if (!isRefusal(error)) throw error
    return told({ state: 'failed', refusal: error })
  } finally {
    if (run.steps.some(({ step }) => step.do === 'down')) await world.live.POST('/v1/sandbox/scenario/stop')
  }
}

async function playStep(step: Step, world: World, down: string | undefined, tell: (played: Played) => void): Promise<Played> {
  const { now = Date.now, wait = pause } = world
  const began = await begin(step, world)
  let played: Played = { step, at: began.at, seen: [], checks: [], ...(began.carrier === undefined ? {} : { carrier: began.carrier }) }
  tell(played)
  if (step.do === 'down') return played
  const start = now()
  let ended: number | null = null
  for (;;) {
    const seen = await began.look()
    const first = seen[0]
    if (first !== undefined && !isOpen(first.message.status)) ended ??= now()
    const over = now() - start > OPEN_MS || (ended !== null && now() - ended > ENDED_MS)
    played = { ...played, seen, checks: judge(step.wants, seen, world.endpoints, over, down) }
    tell(played)
    if (world.signal.aborted || isSettled(played.checks)) return played
    await wait(LOOK_MS)
  }
}

type Begun = { at: string; carrier?: string; look: () => Promise<Seen[]> }

async function begin(step: Step, { api, live, from, text }: World): Promise<Begun> {
  if (step.do === 'send') {
    const sent = await take(api.POST('/v1/sms/send', { body: { to: step.to, from, text } }))
    return { at: sent.created_at, look: () => withAnswers(api, sent.id) }
  }
  if (step.do === 'write') {
    const path = { number: step.from }
    const written = await take(api.POST('/v1/sandbox/handsets/{number}/messages', { params: { path }, body: { text: step.text, to: from } }))
    return { at: written.at, look: () => writtenBy(api, step.from, written.at) }
  }
  const { hops } = await take(live.POST('/v1/routes/explain', { body: { to: '+15000160001', from, test: true } }))
  const carrier = hops[0]?.carrier ?? ''
  const { started_at: at } = await take(live.POST('/v1/sandbox/scenario', { body: { name: 'console', steps: [{ do: 'down', carrier, for: DOWN }] } }))
  return { at, carrier, look: async () => [] }
}

/** A message with its history, and what its recipient wrote to us since. */
export async function withAnswers(api: Api, id: string): Promise<Seen[]> {
  const own = await seenOf(api, id)
  const { to, created_at: since } = own.message
  return [own, ...(await writtenBy(api, to, since))]
}

const MOST = 5

/** What a handset wrote to us since, the first first. */
async function writtenBy(api: Api, from: string, since: string): Promise<Seen[]> {
  const query = { direction: 'inbound', from, created_after: since, order: 'oldest', limit: MOST } as const
  const { data } = await take(api.GET('/v1/messages', { params: { query } }))
  return Promise.all(data.map(async (message) => ({ message, entries: await entriesOf(api, message.id) })))
}

async function seenOf(api: Api, id: string): Promise<Seen> {
  // The message first: its history then has all that led to its status.
  const message = await take(api.GET('/v1/messages/{id}', { params: { path: { id } } }))
  return { message, entries: await entriesOf(api, id) }
}

const entriesOf = async (api: Api, id: string): Promise<Seen['entries']> =>
  (await take(api.GET('/v1/messages/{id}/history', { params: { path: { id } } }))).data

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))
