// The order of messages and deliveries, what became of a message against what must, and how a scenario is played.
import { describe, expect, it } from 'vitest'
import type { Api } from '../api/client'
import { Refusal } from '../api/problem'
import en from './texts/en.json'
import { inOrder, newest } from './handset'
import { type Endpoint, isPassed, isSettled, judge, type Seen, type Wants } from './judge'
import { endOf, textFor, textOf } from './outcomes'
import { play, type Run, type World } from './play'
import { SCENARIOS, scenarioOf } from './scenarios'

it('shows the latest message last, each once, and leaves what it was given', () => {
  const given = [
    { at: '2026-11-29T12:00:03Z', sequence: 1, text: 'whole' }, { at: '2026-11-29T12:00:02Z', sequence: 3 },
    { at: '2026-11-29T12:00:02Z', sequence: 2 }, { at: '2026-11-29T12:00:01Z', sequence: 1, text: 'a part' },
  ]
  expect(inOrder(given).map(({ sequence }) => sequence)).toEqual([2, 3, 1])
  expect(inOrder(given).at(-1)).toMatchObject({ text: 'whole' })
  expect(given[0]?.sequence).toBe(1)
})

it('joins the deliveries of several endpoints, the newest first', () => {
  const rows = ['01', '03', '02'].map((at) => ({ delivery: { id: at, created_at: `2026-11-29T12:00:${at}Z` } }))
  expect(newest(rows, 2).map(({ delivery }) => delivery.id)).toEqual(['03', '02'])
})

it('knows the numbers by their text, and leaves others to the server', () => {
  expect(textOf('+15000160034')).toBe('sandbox.fixed.34')
  expect(textOf('+15000160099')).toBeNull()
  expect(textOf('+15550001111')).toBeNull()
})

it('sends several parts to the numbers that tell parts apart', () => {
  const number = (digits: string) => ({ number: `+150001600${digits}`, group: 'delivered', about: '', ends: 'delivered', error: null }) as const
  expect(textFor('+15000160001', 'Hello')).toBe('Hello')
  expect(textFor('+15000160016', en['sandbox.firstText']).length).toBeGreaterThan(160)
  expect([endOf(number('01')), endOf(number('17'))]).toEqual([{ status: 'delivered', error: null }, { status: 'undelivered', error: 'partially_refused' }])
})

/** What stands in a message and its history, as far as it is judged. */
const seen = (message: object, ...entries: object[]): Seen => ({ message, entries }) as unknown as Seen
const delivery = (status: string, more: object = {}) => ({ type: 'delivery', status, attempts: 1, webhook_id: 'whk_1', response_status: null, error_text: null, ...more })
const SHOP: Endpoint = { id: 'whk_1', enabled: true, paused_at: null, events: ['message.delivered'] }
const stateOf = (wants: Wants, what: Seen[], endpoints: Endpoint[] = [], over = false): Record<string, string> =>
  Object.fromEntries(judge(wants, what, endpoints, over).map((check) => [check.of, check.state]))

describe('the judgement', () => {
  it('waits for what may still come, and fails once the time is over', () => {
    const wants: Wants = { status: 'delivered', corrected: true }
    const expired = seen({ status: 'undelivered', error: null }, { type: 'message.undelivered' })
    expect(stateOf(wants, [expired])).toEqual({ status: 'waiting', corrected: 'waiting', webhooks: 'none' })
    expect(stateOf(wants, [expired], [], true)).toEqual({ status: 'failed', corrected: 'failed', webhooks: 'none' })
    const corrected = seen({ status: 'delivered', error: null }, { type: 'message.undelivered' }, { type: 'message.corrected' })
    expect(stateOf(wants, [corrected])).toEqual({ status: 'passed', corrected: 'passed', webhooks: 'none' })
  })

  it('compares the error, what carriers answered, and the time until the report', () => {
    const wants: Wants = { status: 'delivered', outcomes: ['throttled', 'accepted'], waits: 4 }
    const at = { sent_at: '2026-11-29T12:00:00Z', delivered_at: '2026-11-29T12:00:05Z' }
    const attempts = ['throttled', 'accepted'].map((outcome) => ({ type: 'attempt', outcome }))
    expect(stateOf(wants, [seen({ status: 'delivered', ...at }, ...attempts)])).toMatchObject({ outcomes: 'passed', waits: 'passed' })
    expect(stateOf(wants, [seen({ status: 'delivered', ...at, delivered_at: '2026-11-29T12:00:01Z' }, attempts[1] ?? {})], [], true)).toMatchObject({ outcomes: 'failed', waits: 'failed' })
    const refused = seen({ status: 'failed', error: { code: 'message_refused' } })
    expect(stateOf({ status: 'failed', error: 'recipient_refused' }, [refused], [], true)).toMatchObject({ status: 'passed', error: 'failed' })
  })

  it('wants another carrier than the one that was taken down', () => {
    const by = (carrier: string): Seen => seen({ status: 'delivered' }, { type: 'attempt', outcome: 'accepted', carrier })
    const states = [by('simulator'), by('sim-us')].map((what) => judge({ status: 'delivered' }, [what], [], true, 'simulator')[1]?.state)
    expect(states).toEqual(['failed', 'passed'])
  })

  it('finds the answer of a handset among others', () => {
    const wants: Wants = { status: 'delivered', answer: 'STOP' }
    const own = seen({ status: 'delivered', error: null })
    expect(stateOf(wants, [own])).toMatchObject({ answer: 'waiting' })
    expect(stateOf(wants, [own, seen({ text: 'Hello' })], [], true)).toMatchObject({ answer: 'failed' })
    expect(stateOf(wants, [own, seen({ text: 'Hello' }), seen({ text: 'STOP' })])).toMatchObject({ answer: 'passed' })
  })

  it('wants every endpoint that asked for an event to have taken it', () => {
    const wants: Wants = { status: 'delivered' }
    const message = { status: 'delivered', error: null }
    const event = { type: 'message.delivered' }
    expect(stateOf(wants, [seen(message, event)], [SHOP])).toMatchObject({ webhooks: 'waiting' })
    expect(stateOf(wants, [seen(message, event)], [SHOP], true)).toMatchObject({ webhooks: 'failed' })
    expect(stateOf(wants, [seen(message, event, delivery('delivered'))], [SHOP])).toMatchObject({ webhooks: 'passed' })
    // Tried, and to be tried again: the endpoint did not take it.
    const [, tried] = judge(wants, [seen(message, event, delivery('pending', { response_status: 503 }))], [SHOP], false)
    expect(tried).toMatchObject({ of: 'webhooks', state: 'failed', problem: 'HTTP 503' })
    expect(stateOf(wants, [seen(message, event, delivery('pending', { attempts: 0 }))], [SHOP])).toMatchObject({ webhooks: 'waiting' })
    // It did not ask for this event, or is switched off.
    expect(stateOf(wants, [seen(message, { type: 'message.sent' })], [SHOP])).toMatchObject({ webhooks: 'none' })
    expect(stateOf(wants, [seen(message, event)], [{ ...SHOP, enabled: false }])).toMatchObject({ webhooks: 'none' })
  })

  it('has passed without an endpoint', () => {
    const checks = judge({ status: 'delivered' }, [seen({ status: 'delivered' }, { type: 'message.delivered' })], [], false)
    expect([isSettled(checks), isPassed(checks)]).toEqual([true, true])
  })
})

it('has a name and a description of every scenario', () => {
  for (const { id } of SCENARIOS) {
    expect(en).toHaveProperty([`sandbox.s.${id}`])
    expect(en).toHaveProperty([`sandbox.about.${id}`])
  }
  expect(scenarioOf('no such').id).toBe('delivered')
})

/** An API that answers with these statuses of a message, one at each look, and notes what is called. */
function world(statuses: string[], answer: (call: string) => unknown = () => undefined): World & { calls: string[]; told: Run[] } {
  const calls: string[] = []
  const told: Run[] = []
  let clock = 0
  const call = (method: string) => async (path: string) => {
    calls.push(`${method} ${path}`)
    const given = answer(`${method} ${path}`)
    if (given instanceof Error) throw given
    return { data: given ?? usual(path), response: new Response() }
  }
  const usual = (path: string): unknown => {
    if (path === '/v1/messages/{id}/history') return { data: [] }
    if (path === '/v1/messages/{id}') {
      const status = statuses.length > 1 ? statuses.shift() : statuses[0]
      return { id: 'msg_1', to: '+15000160001', status, error: null, created_at: '2026-11-29T12:00:00Z' }
    }
    if (path === '/v1/messages') return { data: [] }
    if (path === '/v1/routes/explain') return { hops: [{ carrier: 'simulator' }] }
    return { id: 'msg_1', created_at: '2026-11-29T12:00:00Z', started_at: '2026-11-29T12:00:00Z', at: '2026-11-29T12:00:00Z' }
  }
  const api = { GET: call('GET'), POST: call('POST') } as unknown as Api
  return {
    api, live: api, from: '+15550009999', text: 'Hello', endpoints: [], signal: new AbortController().signal, calls, told,
    tell: (run) => told.push(run),
    now: () => clock,
    wait: async (milliseconds) => void (clock += milliseconds),
  }
}

describe('the player', () => {
  it('looks until the message has ended as expected', async () => {
    const there = world(['queued', 'sent', 'delivered'])
    const run = await play(scenarioOf('delivered'), there)
    expect(run.state).toBe('passed')
    expect(there.calls.filter((call) => call === 'GET /v1/messages/{id}')).toHaveLength(3)
    expect(there.told[0]).toMatchObject({ state: 'playing', steps: [] })
  })

  it('gives up after its patience, and says what was not as expected', async () => {
    const run = await play(scenarioOf('delivered'), world(['failed']))
    expect(run.state).toBe('failed')
    expect(run.steps[0]?.checks[0]).toMatchObject({ of: 'status', state: 'failed', wanted: 'delivered', found: 'failed' })
  })

  it('does not go on after a step that failed', async () => {
    const run = await play(scenarioOf('optout'), world(['failed']))
    expect(run.steps).toHaveLength(1)
  })

  it('judges an outage by the carrier that took the message', async () => {
    const attempt = { type: 'attempt', outcome: 'accepted', carrier: 'sim-us', at: '2026-11-29T12:00:00Z' }
    const there = world(['delivered'], (call) => (call === 'GET /v1/messages/{id}/history' ? { data: [attempt] } : undefined))
    const run = await play(scenarioOf('outage'), there)
    expect(run.state).toBe('passed')
    expect(run.steps[1]?.checks).toContainEqual({ of: 'elsewhere', state: 'passed', down: 'simulator', found: 'sim-us' })
    expect(there.calls.at(-1)).toBe('POST /v1/sandbox/scenario/stop')
  })

  it('brings the carrier up again, also if the message was refused', async () => {
    const refusal = new Refusal({ type: '', title: '', status: 422, detail: 'No.', code: 'invalid_field', param: null, retryable: false, doc_url: '', request_id: '' })
    const there = world(['delivered'], (call) => (call === 'POST /v1/sms/send' ? refusal : undefined))
    // What `take` makes of a refusal is not what is tested here.
    await expect(play(scenarioOf('outage'), there)).resolves.toMatchObject({ state: 'failed' })
    expect(there.calls.at(-1)).toBe('POST /v1/sandbox/scenario/stop')
  })

  it('stops when it is told to', async () => {
    const end = new AbortController()
    const there = { ...world(['queued']), signal: end.signal, wait: async () => end.abort() }
    expect((await play(scenarioOf('delivered'), there)).state).toBe('stopped')
  })
})
