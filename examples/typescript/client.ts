// One function for all calls of the API, and the Problem it throws.

const url = process.env.ONESIXTY_URL ?? "http://127.0.0.1:8160";

/** A refused request. Use `code` in programs; `retryable` says whether the same request can succeed later. */
export class Problem extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfter: number | null;

  constructor(problem: { code: string; detail: string; retryable: boolean }, retryAfter: string | null) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.retryable = problem.retryable;
    this.retryAfter = retryAfter === null ? null : Number(retryAfter);
  }
}

/** Returns the decoded response. Throws Problem, or what `fetch` throws if there is no response. */
export async function call<T>(method: string, path: string, body?: object, idempotencyKey?: string): Promise<T> {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${process.env.ONESIXTY_KEY}`,
    "Content-Type": "application/json",
  };
  if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
  const answer = await fetch(url + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const content: unknown = await answer.json();
  if (answer.ok) return content as T;
  throw new Problem(content as Problem & { detail: string }, answer.headers.get("Retry-After"));
}

export interface Message {
  id: string;
  status: string;
  to: string;
  created_at: string;
}
