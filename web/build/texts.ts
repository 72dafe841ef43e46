// Compiles the messages of `texts/*.json` while they are loaded, so that no parser of ICU messages is shipped.
import { readFileSync } from 'node:fs'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import type { Plugin } from 'vite'

/** The catalogue of a file, compiled: a message is a text, or a list of texts and placeholders. */
export function compiled(source: string): Record<string, unknown> {
  const found = JSON.parse(source) as Record<string, string>
  return Object.fromEntries(Object.entries(found).map(([id, message]) => [id, compileMessage(message)]))
}

export function texts(): Plugin {
  return {
    name: 'onesixty-texts',
    enforce: 'pre',
    load(id) {
      const file = id.split('?')[0] ?? ''
      if (!/\/texts\/[\w-]+\.json$/.test(file)) return null
      return JSON.stringify(compiled(readFileSync(file, 'utf8')))
    },
  }
}
