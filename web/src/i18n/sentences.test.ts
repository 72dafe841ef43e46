// The server's sentences in another language.
import { expect, test } from 'vitest'
import { sentencesOf } from './sentences'

const known = (english: string): string | null => ({ 'Renew it.': 'Renouvelez-le.', 'See docs/a.md.': 'Voyez docs/a.md.', '`chmod` helps.': '`chmod` aide.' })[english] ?? null

test('several sentences are said in turn', () => {
  expect(sentencesOf('Renew it.', known)).toBe('Renouvelez-le.')
  expect(sentencesOf('See docs/a.md. `chmod` helps. Renew it.', known)).toBe('Voyez docs/a.md. `chmod` aide. Renouvelez-le.')
})

test('of sentences of which one is unknown, none is said: nobody reads a half in each language', () => {
  expect(sentencesOf('Renew it. This is new.', known)).toBeNull()
})
