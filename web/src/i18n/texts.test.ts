// Every text is there in every language, with the same placeholders and the plural forms of the language.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import { describe, expect, test } from 'vitest'
import { LANGUAGES } from './languages'

const SOURCES = resolve(import.meta.dirname, '..')
const FEATURES = readdirSync(SOURCES).filter((name) => existsSync(join(SOURCES, name, 'texts')))

type Catalogue = Record<string, string>
type Token = string | [name: string, type?: string, options?: Record<string, unknown>]

const read = (feature: string, language: string): Catalogue =>
  JSON.parse(readFileSync(join(SOURCES, feature, 'texts', `${language}.json`), 'utf8'))

/** The placeholders of a message, and the forms of each of its plurals. */
function shapeOf(message: string): { names: Set<string>; plurals: Set<string>[] } {
  const names = new Set<string>()
  const plurals: Set<string>[] = []
  const walk = (tokens: unknown): void => {
    for (const token of (Array.isArray(tokens) ? tokens : [tokens]) as Token[]) {
      if (typeof token === 'string') continue
      const [name, type, options] = token
      names.add(name)
      if (type === 'plural') plurals.push(new Set(Object.keys(options ?? {}).filter((key) => /^[a-z]+$/.test(key) && key !== 'offset')))
      for (const option of Object.values(options ?? {})) if (Array.isArray(option)) walk(option)
    }
  }
  walk(compileMessage(message))
  return { names, plurals }
}

test('features with texts are found', () => {
  expect(FEATURES).toContain('shell')
})

describe.each(FEATURES)('%s', (feature) => {
  const english = read(feature, 'en')

  test('ids begin with the feature', () => {
    expect(Object.keys(english).filter((id) => !id.startsWith(`${feature}.`))).toEqual([])
  })

  test.each(Object.keys(LANGUAGES))('%s is complete', (language) => {
    const found = read(feature, language)
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(english).toSorted())
    const forms = new Set(new Intl.PluralRules(language).resolvedOptions().pluralCategories)
    for (const [id, message] of Object.entries(english)) {
      expect(found[id]?.trim(), id).not.toBe('')
      const shape = shapeOf(found[id] ?? '')
      expect(shape.names, id).toEqual(shapeOf(message).names)
      for (const plural of shape.plurals) expect(plural, `${id}: the plural forms of ${language}`).toEqual(forms)
    }
  })
})

/** What Arabic calls those who have their part in a message. Elsewhere, one word stands for two of them easily. */
const ARABIC = [
  [/\bcarriers?\b/i, /ناقل/],
  [/\boperators?\b/i, /مشغّ?ل/],
  [/\bnetworks?\b/i, /شبك/],
] as const

test.each(FEATURES)('in Arabic, a carrier, an operator and a network each have a word of their own: %s', (feature) => {
  const [english, arabic] = [read(feature, 'en'), read(feature, 'ar')]
  const said = Object.entries(english).flatMap(([id, text]) =>
    // Names of values, and what stands between backticks, are no words.
    ARABIC.filter(([known, word]) => known.test(text.replaceAll(/\{\w+\}|`[^`]*`/g, '')) && !word.test(arabic[id] ?? '')).map(([known]) => `${id}: ${known}`),
  )
  const confused = Object.entries(arabic).filter(([id, text]) => /مشغّ?ل/.test(text) && !/operator/i.test(english[id] ?? ''))
  expect([said, confused]).toEqual([[], []])
})
