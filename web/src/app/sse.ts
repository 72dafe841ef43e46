// Server-sent events (WHATWG HTML, 9.2) over `fetch`: `EventSource` can send no headers, and the account and mode of a
// request are headers.

export type ServerEvent = { id: string; type: string; data: string }

/** The events of a stream. Ends with the stream. */
export async function* eventsOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent | null> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  let event: ServerEvent = { id: '', type: '', data: '' }
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (event.data !== '') yield event
          event = { id: '', type: '', data: '' }
        } else if (line.startsWith(':')) {
          yield null // a sign of life
        } else {
          read(line, event)
        }
      }
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

function read(line: string, event: ServerEvent): void {
  const colon = line.indexOf(':')
  const name = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (name === 'id') event.id = value
  else if (name === 'event') event.type = value
  else if (name === 'data') event.data = event.data === '' ? value : `${event.data}\n${value}`
}
