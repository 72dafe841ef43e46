// What the API answers if it refuses: a problem document (RFC 9457).
import type { components } from './schema'

type Told = components['schemas']['Problem']

/** The codes of the API, and those of requests that got no answer of its own. */
export type Code = Told['code'] | 'unreachable' | 'unexpected_answer'

export type Problem = Omit<Told, 'code'> & {
  code: Code
  /** With `forbidden`: the scope that is missing. */
  scope?: string
  /** With `second_factor_required`: by what one can prove who one is: `totp`, `recovery`, `passkey`. */
  methods?: string[]
}

/** A request that was refused, or that reached nobody (`unreachable`). */
export class Refusal extends Error {
  readonly problem: Problem
  /** Seconds after which another try makes sense, if the server said so. */
  readonly retryAfter: number | null

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail)
    this.name = 'Refusal'
    this.problem = problem
    this.retryAfter = retryAfter
  }

  get code(): Code {
    return this.problem.code
  }

  get param(): string | null {
    return this.problem.param
  }
}

export const isRefusal = (error: unknown, code?: Code): error is Refusal =>
  error instanceof Refusal && (code === undefined || error.code === code)

/** The refusal in an answer. Also of a proxy on the way, whose page is no problem document. */
export function refusalOf(answer: Response, body: unknown): Refusal {
  const seconds = Number(answer.headers.get('Retry-After') ?? Number.NaN)
  const retryAfter = Number.isFinite(seconds) ? seconds : null
  if (isProblem(body)) return new Refusal(body, retryAfter)
  return new Refusal(
    { ...EMPTY, status: answer.status, code: answer.status >= 500 ? 'unavailable' : 'unexpected_answer',
      detail: `${answer.status} ${answer.statusText}`.trim(), retryable: answer.status >= 500 },
    retryAfter,
  )
}

/** The refusal of a request that got no answer. */
export const unreachable = (): Refusal =>
  new Refusal({ ...EMPTY, retryable: true })

/** What the console itself sees before it asks: a field that is wanted is empty. It has no words of the server. */
export const missing = (param: string): Refusal => new Refusal({ ...EMPTY, code: 'missing_field', param })

const EMPTY: Problem = {
  type: 'about:blank', title: '', status: 0, detail: '', code: 'unreachable', param: null, retryable: false,
  doc_url: '', request_id: '',
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body
}
