// What the server always says in the same English words, in the person's language: the titles and help texts of forms,
// what the doctor advises, and what alerts say.
//
// Rules kept here:
// - the English text is the key. What has no entry (of a newer server, or of an extension) is shown as the server wrote
//   it;
// - a table is loaded by the pages that show something of it. Tests compare it with what the product says.
import { useEffect, useState } from 'react'
import { currentLanguage, useLanguage } from './i18n'
import type { Language } from './languages'

type Table = Record<string, string>
/** Features with such a table. */
export type Spoken = 'alerts' | 'carriers' | 'doctor'

const files = import.meta.glob<Table>('../*/sentences/*.json', { import: 'default' })
const tables = new Map<string, Table>()

const pathOf = (feature: Spoken, language: Language): string => `../${feature}/sentences/${language}.json`

async function load(path: string): Promise<void> {
  const file = files[path]
  if (file !== undefined && !tables.has(path)) tables.set(path, await file())
}

/** Wait until the table of a feature is there: beside what the server is asked for. */
export const needSentences = (feature: Spoken): Promise<void> => load(pathOf(feature, currentLanguage()))

/** What the server says in the person's language; null if there are no words for it. */
export function useSentences(feature: Spoken): (english: string) => string | null {
  const path = pathOf(feature, useLanguage())
  const [, setLoaded] = useState('')
  // Another language, chosen on the page.
  useEffect(() => {
    let there = true
    void load(path).then(() => there && setLoaded(path))
    return () => {
      there = false
    }
  }, [path])
  const table = tables.get(path)
  return (english) => table?.[english] ?? null
}

/** Where a sentence ends and another one begins. */
const BETWEEN = /(?<=[.?!])\s+(?=[A-Z`])/

/** Several sentences in the person's language; null if there are no words for one of them. */
export function sentencesOf(english: string, sentence: (english: string) => string | null): string | null {
  const found = english.split(BETWEEN).map(sentence)
  return found.includes(null) ? null : found.join(' ')
}
