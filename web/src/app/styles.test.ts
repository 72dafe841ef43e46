import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

/** The files with styles. The reference of the API is a page of its own. */
const SOURCES = resolve(import.meta.dirname, '..')
const FILES = globSync('**/*.css', { cwd: SOURCES }).filter((file) => !file.startsWith('reference'))

/** The classes that a file gives a look of their own: selectors that are one class alone. */
function classesIn(styles: string): Set<string> {
  const selectors = styles.replace(/\/\*[^]*?\*\//g, '').match(/[^{}]+(?=\{)/g) ?? []
  return new Set(selectors.flatMap((each) => each.split(',')).map((each) => each.trim()).filter((each) => /^\.o-[\w-]+$/.test(each)))
}

test('no two files give the same class a look: once both are loaded, one of the two pages is broken', () => {
  const files = new Map<string, string[]>()
  for (const file of FILES) {
    for (const name of classesIn(readFileSync(resolve(SOURCES, file), 'utf8'))) files.set(name, [...(files.get(name) ?? []), file])
  }
  expect(files.size).toBeGreaterThan(200)
  // `base.css` says what fields beside each other have in common, wherever they are.
  expect([...files].filter(([name, found]) => found.length > 1 && name !== '.o-schema-fields')).toEqual([])
})
