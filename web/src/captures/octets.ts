// The octets of a PDU in lines, cut where fields begin: so that a field and its octets can be shown together.
//
// Rules kept here:
// - every octet is in exactly one run; a run belongs to one field and is masked as a whole or not at all;
// - a masked octet is shown as a dot pair: what stands there in the file is only a cover.

export type Span = { start: number; end: number }
export type Run = { start: number; end: number; /** The place of the field in the list; -1 for none. */ field: number; masked: boolean; hex: string; text: string }
export type Line = { offset: number; runs: Run[] }

const COVER = '··'

/** The lines of at most `width` octets. */
export function linesOf(octets: string, fields: readonly Span[], masks: readonly Span[], width: number): Line[] {
  const size = octets.length / 2
  const cuts = new Set<number>([size])
  for (const { start, end } of [...fields, ...masks]) cuts.add(start).add(end)
  for (let place = 0; place <= size; place += width) cuts.add(place)
  const places = [...cuts].filter((place) => place >= 0 && place <= size).toSorted((a, b) => a - b)
  const lines: Line[] = []
  let field = 0
  for (const [at, start] of places.entries()) {
    const end = places[at + 1]
    if (end === undefined) break
    // Fields stand in the order of their octets.
    while (field < fields.length && (fields[field]?.end ?? 0) <= start) field += 1
    const own = fields[field]
    const masked = masks.some((mask) => mask.start <= start && end <= mask.end)
    if (start % width === 0) lines.push({ offset: start, runs: [] })
    lines.at(-1)?.runs.push({
      start, end, masked, field: own !== undefined && own.start <= start ? field : -1,
      hex: hexOf(octets, start, end, masked), text: textOf(octets, start, end, masked),
    })
  }
  return lines
}

function hexOf(octets: string, start: number, end: number, masked: boolean): string {
  const pairs: string[] = []
  for (let place = start; place < end; place += 1) pairs.push(masked ? COVER : octets.slice(2 * place, 2 * place + 2))
  return pairs.join(' ')
}

/** The octets as ASCII; a dot stands for what is none. */
function textOf(octets: string, start: number, end: number, masked: boolean): string {
  let text = ''
  for (let place = start; place < end; place += 1) {
    const code = Number.parseInt(octets.slice(2 * place, 2 * place + 2), 16)
    text += !masked && code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·'
  }
  return text
}

/** `1f`: an offset as four digits. */
export const offsetOf = (offset: number): string => offset.toString(16).padStart(4, '0')
