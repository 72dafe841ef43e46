// The default senders of an account as people write them: `DE=Acme` is that of a country, `Acme` that of all others.
//
// Rules kept here:
// - of a change, each country is sent that has another sender now, and null for one that has none any more.

/** The country that stands for all others. */
const EVERYWHERE = '*'

type Senders = Readonly<Record<string, string>>

/** Countries by their letters, the sender of all others last. */
export const written = (senders: Senders): string[] =>
  Object.entries(senders)
    .toSorted(([one], [other]) => Number(one === EVERYWHERE) - Number(other === EVERYWHERE) || (one < other ? -1 : 1))
    .map(([country, sender]) => (country === EVERYWHERE ? sender : `${country}=${sender}`))

function read(lines: readonly string[]): Senders {
  return Object.fromEntries(
    lines.map((line) => {
      const [, country = EVERYWHERE, sender = line] = /^([^=]*)=(.*)$/.exec(line) ?? []
      return [country.trim().toUpperCase(), sender.trim()] as const
    }),
  )
}

/** What a change sends. */
export function changeOfSenders(before: Senders, lines: readonly string[]): Record<string, string | null> {
  const after = read(lines)
  const countries = new Set([...Object.keys(before), ...Object.keys(after)])
  return Object.fromEntries([...countries].filter((country) => before[country] !== after[country]).map((country) => [country, after[country] ?? null]))
}
