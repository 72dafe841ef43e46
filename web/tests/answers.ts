// Answers of the API as they can be: without a row, refused, of a newer server, with words of every length and script.
//
// They are made of the product's own answers on their way to the page. What says who one is (`/v1/me`), the ways to
// sign in and the live feed stay as they are.
import type { Page, Request } from '@playwright/test'
import type { Json } from './product.ts'

const AS_IT_IS = /\/v1\/(me|me\/preferences|events|sign-in)$/

const isData = (request: Request): boolean => request.method() === 'GET' && !AS_IT_IS.test(new URL(request.url()).pathname)

/** Change each answer that is data. */
export async function change(page: Page, change: (body: Json) => Json, also: (request: Request) => boolean = () => false): Promise<void> {
  await page.route('**/v1/**', async (route) => {
    if (!isData(route.request()) && !also(route.request())) return route.fallback()
    const answer = await route.fetch()
    if (!(answer.headers()['content-type'] ?? '').includes('json')) return route.fulfill({ response: answer })
    await route.fulfill({ response: answer, json: change(await answer.json()) })
  })
}

/** Refuse all that is read. Returns how often that was. */
export async function refuse(page: Page, status: number, problem: object): Promise<{ times: number }> {
  const refused = { times: 0 }
  await page.route('**/v1/**', (route) => {
    if (!isData(route.request())) return route.fallback()
    refused.times += 1
    return route.fulfill({ status, contentType: 'application/problem+json', json: { ...PROBLEM, status, ...problem } })
  })
  return refused
}

/** Refuse what would change something. Questions (`dry_run`) and the rest of a page are answered as they are. */
export const lookedAt = (page: Page): Promise<unknown> =>
  page.route('**/v1/**', (route) => {
    const request = route.request()
    if (request.method() === 'GET' || /"dry_run":\s*true/.test(request.postData() ?? '')) return route.fallback()
    return route.fulfill({ status: 403, contentType: 'application/problem+json', json: { ...PROBLEM, status: 403, ...FORBIDDEN } })
  })

const PROBLEM = { type: 'about:blank', title: '', detail: 'It was refused.', param: null, retryable: false, request_id: 'req_test', doc_url: '' }

export const FAILED = { code: 'internal_error', detail: 'Something went wrong.' }
export const FORBIDDEN = { code: 'forbidden', detail: 'The role lacks a right.', scope: 'bars:read' }

/** Lists without a row, and counts of nothing. */
export function emptied(body: Json): Json {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return body
  return {
    ...body,
    ...(Array.isArray(body.data) && { data: [] }),
    ...('next' in body && { next: null }),
    ...(typeof body.total === 'number' && { total: 0, counts: {} }),
  }
}

type Enums = Map<string, Set<unknown>>

/** The closed sets of the API by the names of their fields, from its OpenAPI document. */
export function enumsOf(document: Json): Enums {
  const found: Enums = new Map()
  const resolved = (schema: Json): Json => (schema?.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)])
  const values = (given: Json): unknown[] => {
    const schema = resolved(given) ?? {}
    return [...(schema.enum ?? []), ...('const' in schema ? [schema.const] : []), ...(schema.anyOf ?? []).flatMap(values), ...(schema.items === undefined ? [] : values(schema.items))]
  }
  for (const schema of Object.values<Json>(document.components.schemas)) {
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const known = values(field).filter((value) => typeof value === 'string')
      if (known.length > 0) found.set(name, new Set([...(found.get(name) ?? []), ...known]))
    }
  }
  return found
}

export const UNHEARD_OF = 'unheard_of'

/** What a server answers that is one version newer: members of closed sets and fields that nobody here knows. */
export function newer(body: Json, enums: Enums, name = ''): Json {
  if (typeof body === 'string') return enums.get(name)?.has(body) === true ? UNHEARD_OF : body
  if (body === null || typeof body !== 'object') return body
  if (Array.isArray(body)) return [...body.map((each) => newer(each, enums, name)), ...(body.some((each) => enums.get(name)?.has(each)) ? [UNHEARD_OF] : [])]
  return { [UNHEARD_OF]: { of: ['this', 1, null] }, ...Object.fromEntries(Object.entries(body).map(([key, value]) => [key, newer(value, enums, key)])) }
}

/** A word of 300 characters, and a text in many scripts, with marks that stack and characters that join. */
export const LONG = 'Donaudampfschifffahrt'.repeat(15).slice(0, 300)
export const SCRIPTS = 'Latin, кириллица, ελληνικά, العربية ١٢٣, עברית, हिन्दी, ไทย, 中文字, 日本語, 한국어, ქართული, አማርኛ, Z̷̤̋a̶͇͆l̴̯̈g̵̘̈́o̷̮͋, 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿, \u202eright\u202c, <b>bold</b> & {name}'

const WORDS = new Set(['name', 'description', 'reference', 'reason', 'state_reason', 'label', 'summary', 'action', 'detail', 'title', 'account_name', 'carrier', 'route', 'last_error', 'actor', 'tags'])

/** All that people and carriers write, at its worst. */
export function wordy(body: Json, name = ''): Json {
  if (typeof body === 'string') return name === 'text' ? SCRIPTS : WORDS.has(name) ? LONG : body
  if (body === null || typeof body !== 'object') return body
  if (Array.isArray(body)) return body.map((each) => wordy(each, name))
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, wordy(value, key)]))
}
