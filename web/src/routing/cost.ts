// The cost of a draft beside that of the routes as they are. Amounts are decimal texts with up to six places.
const MICROS = 1_000_000n

function micros(amount: string): bigint {
  const [, sign = '', whole = '0', places = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? []
  const value = BigInt(whole) * MICROS + BigInt(places.padEnd(6, '0').slice(0, 6))
  return sign === '-' ? -value : value
}

/** What is paid more, as an amount; negative if it is less. */
export function costChange(before: string, after: string): string {
  const change = micros(after) - micros(before)
  const size = change < 0n ? -change : change
  const places = String(size % MICROS).padStart(6, '0').replace(/0+$/, '').padEnd(2, '0')
  return `${change < 0n ? '-' : ''}${size / MICROS}.${places}`
}
