import { expect, test } from 'vitest'
import { eventsOf, type ServerEvent } from './sse'

async function read(...chunks: string[]): Promise<(ServerEvent | null)[]> {
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk))
      controller.close()
    },
  })
  const found: (ServerEvent | null)[] = []
  for await (const event of eventsOf(stream)) found.push(event)
  return found
}

test('events are read however the stream is cut', async () => {
  const whole = 'retry: 2000\n\nid: evt_1\nevent: message.sent\ndata: {"a":"ä"}\n\n: nothing new\n\nid: evt_2\nevent: b\ndata: 1\ndata: 2\n\n'
  const wanted = [
    { id: 'evt_1', type: 'message.sent', data: '{"a":"ä"}' },
    null,
    { id: 'evt_2', type: 'b', data: '1\n2' },
  ]
  expect(await read(whole)).toEqual(wanted)
  expect(await read(...whole)).toEqual(wanted)
})

test('an event that was cut off does not count', async () => {
  expect(await read('id: evt_1\ndata: 1\n')).toEqual([])
})
