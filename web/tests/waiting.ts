// Waiting for something outside of a page, for seeds and for what starts programs. It never ends in silence.

const PAUSE_MS = 100

/** Look until what is found is there, and return it. After `patience` ms it throws what it waited for, and what it saw last. */
export async function until<Seen>(what: string, look: () => Promise<Seen>, is: (seen: Seen) => boolean, patience = 60_000): Promise<Seen> {
  const end = Date.now() + patience
  for (;;) {
    const seen = await look()
    if (is(seen)) return seen
    if (Date.now() > end) throw new Error(`${what}: not within ${patience / 1000} s; the last look gave ${JSON.stringify(seen)}`)
    await new Promise((again) => setTimeout(again, PAUSE_MS))
  }
}
