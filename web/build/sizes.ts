// What a browser loads, against its limits: before the first route, with a page, and the largest lazy part; and the API
// reference, which is a page of its own. In bytes after gzip.
//
// `npm run sizes` after a build; exits with 1 if a limit is passed.
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

type Chunk = { file: string; css?: string[]; assets?: string[]; imports?: string[]; dynamicImports?: string[]; isEntry?: boolean; src?: string }

const folder = resolve(import.meta.dirname, '..', process.env.ONESIXTY_CONSOLE_DIST ?? '../src/onesixty/console/dist')
const manifest: Record<string, Chunk> = JSON.parse(readFileSync(resolve(folder, '.vite', 'manifest.json'), 'utf8'))
const size = (file: string): number => statSync(resolve(folder, `${file}.gz`)).size

const KB = 1000
// The page that most people open first, and any other.
const LIMITS = { first: 170 * KB, messages: 230 * KB, page: 260 * KB, lazy: 140 * KB, css: 30 * KB }
// The API reference at /docs is Swagger UI, which is one script of this size (docs/decisions/0140). Nothing of it is loaded
// by the console.
const REFERENCE = { script: 500 * KB, css: 40 * KB }

/** The files of a chunk and of all that it needs at once. */
function needed(name: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[name]
  if (chunk === undefined || found.has(chunk.file)) return found
  found.add(chunk.file)
  for (const other of [...(chunk.css ?? []), ...(chunk.assets ?? [])]) found.add(other)
  for (const other of chunk.imports ?? []) needed(other, found)
  return found
}

const sum = (files: Iterable<string>, ending: string): number =>
  [...files].filter((file) => file.endsWith(ending)).reduce((total, file) => total + size(file), 0)

const [entry, other] = ['index.html', 'docs.html']
if (manifest[entry]?.isEntry !== true || manifest[other]?.isEntry !== true) throw new Error('the manifest lacks a page')
const first = needed(entry)
const reference = needed(other)
// English as the language: the texts that are loaded before anything is shown.
needed('src/i18n/files/en.ts', first)
for (const feature of ['shell', 'parts']) needed(`src/${feature}/texts/en.json`, first)

const lines: [string, number, number][] = [
  ['first load, JS', sum(first, '.js'), LIMITS.first],
  ['first load, CSS', sum(first, '.css'), LIMITS.css],
  ['the API reference, JS', sum(reference, '.js'), REFERENCE.script],
  ['the API reference, CSS', sum(reference, '.css'), REFERENCE.css],
]
for (const [name, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry === true || !/Page\.tsx$/.test(name)) continue
  const more = [...needed(name)].filter((file) => !first.has(file))
  const whole = sum(first, '.js') + sum(more, '.js')
  const heavy = Math.max(0, ...more.map((file) => (file.endsWith('.js') ? size(file) : 0)))
  // A page with charts has them in a lazy part of its own; each part has its limit.
  lines.push([name.replace(/^src\//, ''), whole, name.endsWith('/MessagesPage.tsx') ? LIMITS.messages : LIMITS.page])
  if (heavy > LIMITS.lazy) lines.push([`${name}, largest part`, heavy, LIMITS.lazy])
}
for (const chunk of Object.values(manifest)) {
  if (chunk.isEntry !== true && !reference.has(chunk.file) && chunk.file.endsWith('.js') && size(chunk.file) > LIMITS.lazy) lines.push([chunk.file, size(chunk.file), LIMITS.lazy])
}

for (const [name, bytes, limit] of lines) {
  console.log(`${bytes > limit ? 'over' : ' ok '} ${(bytes / KB).toFixed(1).padStart(7)} of ${limit / KB} kB  ${name}`)
}
process.exitCode = lines.some(([, bytes, limit]) => bytes > limit) ? 1 : 0
