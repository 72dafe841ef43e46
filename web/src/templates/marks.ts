// A rendered text in pieces: where values were inserted, and which characters cost more.
import type { TextPreview } from './template'

export type Piece = { text: string; /** The variable whose value it is. */ variable: string | null; /** Why its characters cost. */ why: string | null }

/** Positions of the API are characters (code points), not the units of JavaScript. */
export function marked(preview: Pick<TextPreview, 'spans' | 'costly'> & { text: string }): Piece[] {
  const characters = [...preview.text]
  const variables = new Array<string | null>(characters.length).fill(null)
  for (const { variable, start, length } of preview.spans) variables.fill(variable, start, start + length)
  const costs = new Map(preview.costly.flatMap(({ why, positions }) => positions.map((place) => [place, why] as const)))
  const pieces: (Piece & { span: number })[] = []
  for (const [place, character] of characters.entries()) {
    const variable = variables[place] ?? null
    const why = costs.get(place) ?? null
    // Two values of one variable that touch are two pieces.
    const span = preview.spans.findIndex(({ start, length }) => place >= start && place < start + length)
    const last = pieces.at(-1)
    if (last !== undefined && last.variable === variable && last.why === why && last.span === span) last.text += character
    else pieces.push({ text: character, variable, why, span })
  }
  return pieces.map(({ span: _, ...piece }) => piece)
}
