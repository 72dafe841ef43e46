// The API as the console calls it: typed by the product's own OpenAPI document, with the session's cookie.
//
// Rules kept here:
// - each client acts in one account and mode (`app/where.ts`), so that no answer of one is ever shown in another;
// - a request that is refused because the session has ended or a fresh proof is needed waits for the person
//   (`app/gates.ts`) and is then sent again: a form does not notice;
// - an answer that is no success is thrown as a `Refusal`.
import createClient, { type Client } from 'openapi-fetch'
import { API_BASE } from '../app/places'
import { throughGates } from '../app/gates'
import { headersOf, type Where } from '../app/where'
import { refusalOf, unreachable } from './problem'
import type { paths } from './schema'

export type Api = Client<paths>

/** A client that acts in this account and mode. `gated` false: a refusal comes back at once. */
export function connect(where: Where, { gated = true } = {}): Api {
  const api = createClient<paths>({
    baseUrl: API_BASE,
    headers: { 'X-Onesixty-Console': '1', ...headersOf(where) },
    fetch: (request) => (gated ? throughGates(request) : fetch(request)),
    querySerializer: { array: { style: 'form', explode: true } },
  })
  api.use({
    onRequest({ request }) {
      // Also without a body: a form of another site cannot send this type (`people.csrf`).
      if (request.method !== 'GET' && !request.headers.has('Content-Type')) {
        request.headers.set('Content-Type', 'application/json')
      }
      return request
    },
  })
  return api
}

type Answered = { data?: unknown; error?: unknown; response: Response }

/** The body of a successful answer. Throws a `Refusal` otherwise: `await take(api.GET('/v1/me'))`. */
export async function take<A extends Answered>(asked: Promise<A>): Promise<NonNullable<A['data']>> {
  return (await takeTagged(asked)).data
}

/** The same, with the version that it is of (its ETag), for `if-match` of a change. */
export async function takeTagged<A extends Answered>(asked: Promise<A>): Promise<{ data: NonNullable<A['data']>; tag: string }> {
  let answer: A
  try {
    answer = await asked
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw unreachable()
  }
  if (!answer.response.ok) throw refusalOf(answer.response, answer.error)
  // A proxy that compresses makes the tag a weak one, which `if-match` never takes.
  const tag = (answer.response.headers.get('ETag') ?? '*').replace(/^W\//, '')
  // An answer without a body (204) has no data, and nobody reads it.
  return { data: answer.data as NonNullable<A['data']>, tag }
}
