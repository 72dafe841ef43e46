// Sends what one tries, and reads the answer as it arrives: a stream shows its events while it is open.
//
// Rules kept here:
// - time is that of the server: what one spends at a dialog in between does not count;
// - a text is read up to a limit, so that an export does not fill the page;
// - what is no text is a file to download.
import { throughGates } from '../app/gates'

/** The most characters of a text that are shown. */
export const MOST = 500_000

export type Answer = {
  status: number
  /** Milliseconds until the answer began. */
  took: number
  headers: [name: string, value: string][]
  requestId: string | null
  type: string
  text: string
  /** What is no text. */
  file: Blob | null
  /** Whether more may arrive; whether it was cut. */
  open: boolean
  cut: boolean
}

/** `onAnswer` is called when the answer begins, and whenever more of it is there. Throws if there is none. */
export async function send(request: Request, onAnswer: (answer: Answer) => void): Promise<void> {
  let took = 0
  const timed = async (each: Request): Promise<Response> => {
    const begun = performance.now()
    const response = await fetch(each)
    took = performance.now() - begun
    return response
  }
  const response = await throughGates(request, timed)
  const type = response.headers.get('Content-Type') ?? ''
  let answer: Answer = {
    status: response.status, took, headers: [...response.headers], requestId: response.headers.get('X-Request-Id'), type,
    text: '', file: null, open: true, cut: false,
  }
  const tell = (changes: Partial<Answer>): void => {
    answer = { ...answer, ...changes }
    onAnswer(answer)
  }
  tell({})
  try {
    if (!isText(type)) return tell({ file: await response.blob(), open: false })
    const cut = await readText(response, (text) => tell({ text }))
    tell({ open: false, cut })
  } catch (error) {
    if (!request.signal.aborted) throw error
    tell({ open: false }) // stopped: what has arrived stays
  }
}

const isText = (type: string): boolean => type === '' || /^text\/|json|javascript|xml/.test(type)

/** Read a text to its end or to the limit. Returns whether it was cut. */
async function readText(response: Response, onText: (text: string) => void): Promise<boolean> {
  const reader = response.body?.getReader()
  if (reader === undefined) return false
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return false
    text += decoder.decode(value, { stream: true })
    onText(text.slice(0, MOST))
    if (text.length > MOST) {
      await reader.cancel()
      return true
    }
  }
}

/** A body as one reads it: JSON with indents, all else as it is. */
export function shown({ type, text }: Pick<Answer, 'type' | 'text'>): string {
  if (!/json/.test(type) || /ndjson/.test(type)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
