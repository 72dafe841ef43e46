// Who tries a call: nobody yet, an API key, or the session of the console.
//
// Rules kept here:
// - a key is held by this page alone: it is stored nowhere, and a reload forgets it;
// - a session begins in test mode: what one tries reaches no phone until one says so;
// - a key is sent without cookies, a session with what shows that a page of this site asks
//   (docs/reference/authentication.md, Sessions).
import type { Described } from '../api/document'
import type { components } from '../api/schema'
import { ROOT } from './place'

type Me = components['schemas']['Me']
export type Mode = Me['mode']

export type State =
  | { by: 'nobody'; refused?: string }
  | { by: 'key'; key: string; me: Me }
  | { by: 'session'; me: Me }

export type Signed = { headers: Record<string, string>; credentials: RequestCredentials }

/** What a request carries. `method` and the headers that it has already. */
export function signedBy(state: State, method: string, headers: Record<string, string>): Signed {
  if (state.by === 'key') return { headers: { ...headers, Authorization: `Bearer ${state.key}` }, credentials: 'omit' }
  if (state.by === 'nobody') return { headers, credentials: 'omit' }
  const own: Record<string, string> = { 'X-Onesixty-Console': '1' }
  if (state.me.mode === 'test') own['Onesixty-Mode'] = 'test'
  // Also without a body: a form of another site cannot send this type.
  if (method !== 'GET' && !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) own['Content-Type'] = 'application/json'
  return { headers: { ...own, ...headers }, credentials: 'same-origin' }
}

/** Why a call would be refused, or what to know before it; null if nothing is to be said. */
export function warningFor(state: State, method: string, operation: Described): { tone: 'bad' | 'warn'; text: string } | null {
  const ways = operation.security ?? []
  if (ways.length === 0) return null
  if (state.by === 'nobody') return { tone: 'bad', text: 'Give an API key at the top of this page first. Without one, this call is refused (401).' }
  const whose = state.by === 'key' ? 'Your key' : 'Your role'
  if (!ways.some((way) => state.by in way)) {
    return { tone: 'bad', text: state.by === 'key' ? 'This call is for people who are signed in. A key is refused.' : 'This call is for keys. A session is refused.' }
  }
  const scope = operation['x-scope']
  if (scope !== undefined && !state.me.scopes.includes(scope)) {
    const live = operation['x-live-only'] === true && state.me.mode === 'test'
    return { tone: 'bad', text: live ? `This call exists in live mode only, with the scope ${scope}.` : `${whose} lacks the scope ${scope}: this call is refused (403).` }
  }
  if (state.me.mode === 'live' && method !== 'GET') return { tone: 'warn', text: 'Live mode: this call changes real data. Messages reach phones and cost money.' }
  return null
}

export class Caller {
  private state: State = { by: 'nobody' }
  private readonly listeners = new Set<() => void>()

  readonly now = (): State => this.state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Take the session of the console, if there is one. */
  async find(mode: Mode = 'test'): Promise<void> {
    const me = await this.me(mode === 'test' ? { 'Onesixty-Mode': 'test' } : {}, 'same-origin')
    if (typeof me !== 'string') this.become({ by: 'session', me })
  }

  /** Use a key. What it may do is asked for, which also shows whether it is one. */
  async use(key: string): Promise<void> {
    const me = await this.me({ Authorization: `Bearer ${key}` }, 'omit')
    this.become(typeof me === 'string' ? { by: 'nobody', refused: me } : { by: 'key', key, me })
  }

  forget(): void {
    this.become({ by: 'nobody' })
  }

  private async me(headers: Record<string, string>, credentials: RequestCredentials): Promise<Me | string> {
    try {
      const answer = await fetch(`${ROOT}v1/me`, { headers, credentials })
      const body = await answer.json()
      return answer.ok ? body : String(body.detail)
    } catch {
      return 'onesixty does not answer, or the key has characters that no key has.'
    }
  }

  private become(state: State): void {
    this.state = state
    for (const listener of this.listeners) listener()
  }
}
