// What the server found, in the person's language; its own sentence where the console has no words for the code.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { type Found, wordsOf, type Words } from './finding'
import { useFormat } from './format'
import { Marked, ServerWords } from './Ident'

export function FoundWords({ found, sentence, of }: { found: Found | null; sentence: string; of: Words['of'] }): ReactNode {
  const t = useT()
  const format = useFormat()
  const said = found === null ? null : wordsOf(found, { of, t, format })
  return said === null ? <ServerWords>{sentence}</ServerWords> : <Marked>{said}</Marked>
}
