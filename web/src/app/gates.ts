// What stands between a request and its answer: the session may have ended, or the person must prove again who they
// are. A dialog asks over the page, which stays as it is, and the request is then sent again.
import { useSyncExternalStore } from 'react'

export type Gate = 'signin' | 'stepup'

type Asked = { gate: Gate; done: Promise<boolean>; settle: (passed: boolean) => void }

let asked: Asked | null = null
const listeners = new Set<() => void>()

/** Ask the person. True: they passed. Several requests at once ask once. */
function ask(gate: Gate): Promise<boolean> {
  if (asked !== null) return asked.gate === gate ? asked.done : asked.done.then(() => ask(gate))
  let settle: (passed: boolean) => void = () => undefined
  const done = new Promise<boolean>((resolve) => {
    settle = resolve
  })
  asked = { gate, done, settle }
  tell()
  return done
}

/** The dialog's answer. */
export function settle(passed: boolean): void {
  const open = asked
  asked = null
  tell()
  open?.settle(passed)
}

/** The gate at which a person stands now. */
export function useGate(): Gate | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => asked?.gate ?? null,
  )
}

function tell(): void {
  for (const listener of listeners) listener()
}

/** `fetch`, which waits at the gates. `send` sends each try. */
export async function throughGates(request: Request, send: (request: Request) => Promise<Response> = (each) => fetch(each)): Promise<Response> {
  for (;;) {
    const answer = await send(request.clone())
    if (!(await passed(answer))) return answer
  }
}

/** Whether the person passed the gate of this answer, if it has one: the request can be sent again. */
export async function passed(answer: Response): Promise<boolean> {
  const gate = await gateOf(answer)
  return gate !== null && (await ask(gate))
}

async function gateOf(answer: Response): Promise<Gate | null> {
  if (answer.status !== 401 && answer.status !== 403) return null
  const code = await codeOf(answer.clone())
  if (code === 'session_ended' || code === 'unauthorized') return 'signin'
  return code === 'reauthenticate' ? 'stepup' : null
}

async function codeOf(answer: Response): Promise<unknown> {
  try {
    const body: unknown = await answer.json()
    return typeof body === 'object' && body !== null && 'code' in body ? body.code : null
  } catch {
    return null
  }
}
