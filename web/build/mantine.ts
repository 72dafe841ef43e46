// The styles of those Mantine components that the console uses, in Mantine's own order: all of them would be twice as
// much. `import 'virtual:mantine'` stands for them.
//
// Rules kept here:
// - what is used is read from the imports of the sources, and from the imports of Mantine's own files, so that nobody
//   keeps a list;
// - the order is that of `styles.css`, on which components rely.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { Plugin } from 'vite'

const NAME = 'virtual:mantine'
const RESOLVED = `\0${NAME}`
const ALWAYS = ['baseline', 'default-css-variables', 'global']

/** Where components lie in Mantine's packages: what several are made of in `utils`, those of charts at the top. */
const FOLDERS = ['components', 'utils', '']

const home = (name: string): string => dirname(createRequire(import.meta.url).resolve(`@mantine/${name}/styles.css`))

const filesIn = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => ending.test(file)).map((file) => join(folder, file))

/** The names that are imported of packages of Mantine: `core/Button`. */
export function importedIn(source: string): string[] {
  return [...source.matchAll(/import\s*\{([^}]*)\}\s*from\s*["']@mantine\/(core|charts|dates)["']/g)].flatMap(([, names = '', from]) =>
    names.split(',').map((name) => `${from}/${name.trim().replace(/^type\s+/, '').split(/\s/)[0]}`),
  )
}

/** These components, and all that they are made of. */
function closure(names: Iterable<string>): Set<string> {
  const found = new Set<string>()
  const visit = (name: string): void => {
    const [from = '', component = ''] = name.split('/')
    const folder = FOLDERS.map((each) => join(home(from), 'esm', each, component)).find(existsSync)
    if (found.has(name) || component === '' || folder === undefined) return
    found.add(name)
    for (const file of filesIn(folder, /\.mjs$/)) {
      const source = readFileSync(file, 'utf8')
      for (const [, other] of source.matchAll(/from "(?:\.\.\/)+(?:utils\/)?([A-Z]\w+)\//g)) visit(`${from}/${other}`)
      for (const other of importedIn(source)) visit(other)
      // A part that has a style of its own lies beside the component: CheckboxIndicator.
      const part = /([A-Z]\w+)\.module\.mjs$/.exec(file)?.[1]
      if (part !== undefined) found.add(`${from}/${part}`)
    }
  }
  for (const name of names) visit(name)
  return found
}

/** The names of the style sheets of `@mantine/core` that these sources need, in their order. */
export function stylesOf(sources: Iterable<string>): string[] {
  const used = closure([...sources].flatMap(importedIn))
  const core = home('core')
  const whole = readFileSync(join(core, 'styles.css'), 'utf8')
  return readdirSync(join(core, 'styles'))
    .filter((file) => /^[\w-]+\.css$/.test(file))
    .map((file) => file.replace('.css', ''))
    .filter((name) => ALWAYS.includes(name) || used.has(`core/${name}`))
    .map((name) => ({ name, place: whole.indexOf(readFileSync(join(core, 'styles', `${name}.css`), 'utf8').trim()) }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ name }) => name)
}

export function mantine(): Plugin {
  const sources = resolve(import.meta.dirname, '..', 'src')
  return {
    name: 'onesixty-mantine',
    resolveId: (id) => (id === NAME ? RESOLVED : null),
    load(id) {
      if (id !== RESOLVED) return null
      const texts = filesIn(sources, /\.tsx?$/).map((file) => readFileSync(file, 'utf8'))
      return stylesOf(texts).map((name) => `import '@mantine/core/styles/${name}.css'\n`).join('')
    },
  }
}
