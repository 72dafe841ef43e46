import { afterEach, expect, test, vi } from 'vitest'
import { settle, throughGates } from './gates'

const problem = (status: number, code: string): Response => new Response(JSON.stringify({ code, detail: '' }), { status })
const request = (): Request => new Request('http://localhost/v1/keys', { method: 'POST', body: '{"name":"shop"}' })

afterEach(() => vi.unstubAllGlobals())

/** A server that gives these answers, one after the other. */
function serving(...answers: Response[]): { bodies: string[] } {
  const told = { bodies: [] as string[] }
  vi.stubGlobal('fetch', async (sent: Request) => {
    told.bodies.push(await sent.text())
    return answers.shift() ?? problem(500, 'internal_error')
  })
  return told
}

test('a request waits for a fresh proof, and is sent again as it was', async () => {
  const told = serving(problem(403, 'reauthenticate'), new Response('{}'))
  const answer = throughGates(request())
  await vi.waitFor(() => expect(told.bodies).toHaveLength(1), 20_000)
  settle(true)
  expect((await answer).ok).toBe(true)
  expect(told.bodies).toEqual(['{"name":"shop"}', '{"name":"shop"}'])
})

test('who closes the dialog gets the refusal', async () => {
  const told = serving(problem(401, 'session_ended'))
  const answer = throughGates(request())
  await vi.waitFor(() => expect(told.bodies).toHaveLength(1), 20_000)
  settle(false)
  expect((await answer).status).toBe(401)
})

test('several requests at once ask once', async () => {
  const told = serving(problem(401, 'session_ended'), problem(401, 'session_ended'), new Response('1'), new Response('2'))
  const answers = Promise.all([throughGates(request()), throughGates(request())])
  await vi.waitFor(() => expect(told.bodies).toHaveLength(2), 20_000)
  settle(true)
  expect((await answers).map((answer) => answer.status)).toEqual([200, 200])
})

test('other refusals pass', async () => {
  serving(problem(403, 'forbidden'))
  expect((await throughGates(request())).status).toBe(403)
})
