// Where the parts of a text begin, and which of its characters cost.
import type { components } from '../api/schema'

export type Preview = components['schemas']['Preview']
export type Costly = components['schemas']['CostlyCharacter']

/** What one message holds, and what each part of a longer one does. */
const ROOM: Record<string, { one: number; part: number }> = { gsm7: { one: 160, part: 153 }, ucs2: { one: 70, part: 67 } }

export type Piece = { text: string; costly: Costly | null; begins: number | null }

/**
 * A text in pieces: characters that cost, and the beginnings of parts (2, 3, ...). Characters are those of the last
 * preview, so that marks do not flicker while one types.
 */
export function piecesOf(text: string, encoding: string | null, costly: readonly Costly[]): Piece[] {
  const byCharacter = new Map(costly.map((each) => [each.character, each]))
  const characters = [...text]
  const room = ROOM[encoding ?? '']
  const units = characters.map((character) => unitsOf(character, encoding, byCharacter.get(character)))
  const whole = units.reduce((sum, each) => sum + each, 0)
  const limit = room === undefined || whole <= room.one ? Number.POSITIVE_INFINITY : room.part

  const pieces: Piece[] = []
  let used = 0
  let part = 1
  for (const [place, character] of characters.entries()) {
    const size = units[place] ?? 1
    const full = used + size > limit
    if (full) {
      used = 0
      part += 1
    }
    used += size
    const mark = byCharacter.get(character) ?? null
    const last = pieces.at(-1)
    if (last !== undefined && !full && last.costly === null && mark === null) last.text += character
    else pieces.push({ text: character, costly: mark, begins: full ? part : null })
  }
  return pieces
}

function unitsOf(character: string, encoding: string | null, costly: Costly | undefined): number {
  if (encoding === 'ucs2') return character.length
  return costly?.why === 'two_septets' ? 2 : 1
}

/** The text with look-alikes in place of these characters. */
export function replaced(text: string, costly: readonly Costly[]): string {
  const byCharacter = new Map(costly.flatMap((each) => (each.look_alike === null ? [] : [[each.character, each.look_alike] as const])))
  return [...text].map((character) => byCharacter.get(character) ?? character).join('')
}
