// What became of a message, against what must become of it.
//
// Rules kept here:
// - a check is `waiting` until it holds. Once the time is over, what is still waiting has failed;
// - webhooks are judged by what there is: every endpoint that asked for one of the events must have taken it. Without an
//   endpoint there is nothing to judge (`none`), which is no failure.
import type { Entry } from '../messages/history'
import type { Message, Status } from '../messages/message'
import type { Webhook } from '../webhooks/webhook'

/** A message with its history. */
export type Seen = { message: Message; entries: readonly Entry[] }

type Of<T extends Entry['type']> = Extract<Entry, { type: T }>
type Outcome = Of<'attempt'>['outcome']
type Delivery = Of<'delivery'>

export type Wants = {
  status: Status
  /** The code with which it ends. */
  error?: string
  /** What carriers answer, in this order. */
  outcomes?: readonly Outcome[]
  /** Seconds that pass at least between sent and delivered. */
  waits?: number
  /** Whether its end is corrected later. */
  corrected?: true
  /** What the handset answers. */
  answer?: string
}

export type CheckState = 'passed' | 'failed' | 'waiting' | 'none'
export type Check =
  | { of: 'status'; state: CheckState; wanted: Status; found: Status | null }
  | { of: 'error'; state: CheckState; wanted: string; found: string | null }
  | { of: 'outcomes'; state: CheckState; wanted: readonly Outcome[]; found: readonly Outcome[] }
  | { of: 'waits'; state: CheckState; wanted: number; found: number | null }
  | { of: 'corrected'; state: CheckState }
  | { of: 'elsewhere'; state: CheckState; down: string; found: string | null }
  | { of: 'answer'; state: CheckState; wanted: string; found: string | null }
  | { of: 'webhooks'; state: CheckState; taken: number; total: number; problem: string | null }

export type Endpoint = Pick<Webhook, 'id' | 'enabled' | 'paused_at' | 'events'>

const of = <T extends Entry['type']>(entries: readonly Entry[], type: T): Of<T>[] =>
  // The discriminator was compared, which the type of a filter's result does not follow.
  entries.filter((entry) => entry.type === type) as Of<T>[]

/** The checks of one step. `seen` begins with its message; what handsets answered follows. `down` is the carrier that
 * was taken down before: another one must take the message. */
export function judge(wants: Wants, seen: readonly Seen[], endpoints: readonly Endpoint[], over: boolean, down?: string): Check[] {
  const [first, ...answers] = seen
  const message = first?.message
  const entries = first?.entries ?? []
  const met = (holds: boolean): CheckState => (holds ? 'passed' : over ? 'failed' : 'waiting')
  const checks: Check[] = [{ of: 'status', state: met(message?.status === wants.status), wanted: wants.status, found: message?.status ?? null }]
  if (wants.error !== undefined) {
    const found = message?.error?.code ?? null
    checks.push({ of: 'error', state: met(found === wants.error), wanted: wants.error, found })
  }
  if (wants.outcomes !== undefined) {
    const found = of(entries, 'attempt').map((attempt) => attempt.outcome)
    checks.push({ of: 'outcomes', state: met(found.join() === wants.outcomes.join()), wanted: wants.outcomes, found })
  }
  if (wants.waits !== undefined) {
    const found = message?.sent_at == null || message.delivered_at === null ? null : (Date.parse(message.delivered_at) - Date.parse(message.sent_at)) / 1000
    checks.push({ of: 'waits', state: met(found !== null && found >= wants.waits), wanted: wants.waits, found })
  }
  if (wants.corrected === true) checks.push({ of: 'corrected', state: met(entries.some(({ type }) => type === 'message.corrected')) })
  if (down !== undefined) {
    const found = of(entries, 'attempt').find((attempt) => attempt.outcome === 'accepted')?.carrier ?? null
    checks.push({ of: 'elsewhere', state: met(found !== null && found !== down), down, found })
  }
  if (wants.answer !== undefined) {
    const found = answers.find((answer) => answer.message.text === wants.answer) ?? answers[0]
    checks.push({ of: 'answer', state: met(found?.message.text === wants.answer), wanted: wants.answer, found: found?.message.text ?? null })
  }
  checks.push(heard(seen.flatMap((each) => each.entries), endpoints, over))
  return checks
}

/** What webhooks got. */
function heard(entries: readonly Entry[], endpoints: readonly Endpoint[], over: boolean): Check {
  const deliveries = of(entries, 'delivery')
  const told = new Set<string>(entries.map((entry) => entry.type).filter((type) => type.startsWith('message.')))
  const owed = endpoints.filter(
    ({ id, enabled, paused_at: paused, events }) =>
      enabled && paused === null && events.some((type) => type === '*' || told.has(type)) && !deliveries.some((delivery) => delivery.webhook_id === id),
  )
  const bad = deliveries.find(isBad)
  const taken = deliveries.filter((delivery) => delivery.status === 'delivered').length
  const total = deliveries.length + owed.length
  const state: CheckState =
    bad !== undefined ? 'failed'
    : taken < total ? (over ? 'failed' : 'waiting')
    : total === 0 ? (told.size === 0 && !over && endpoints.length > 0 ? 'waiting' : 'none')
    : 'passed'
  return { of: 'webhooks', state, taken, total, problem: bad === undefined ? null : problemOf(bad) }
}

/** A delivery that is tried again has failed once: the endpoint is at fault, however the next try ends. */
const isBad = ({ status, attempts }: Delivery): boolean => status === 'failed' || (status === 'pending' && attempts > 0)
const problemOf = ({ response_status: status, error_text: error }: Delivery): string => (status === null ? (error ?? '') : `HTTP ${status}`)

/** Whether nothing of these checks is still to come. */
export const isSettled = (checks: readonly Check[]): boolean => checks.every(({ state }) => state !== 'waiting')
export const isPassed = (checks: readonly Check[]): boolean => checks.every(({ state }) => state === 'passed' || state === 'none')
