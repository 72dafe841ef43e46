// Rights in people's words, with the API's names: in keys, roles and forms.
import type { ReactNode } from 'react'
import { hasText, t, useT } from '../i18n/i18n'
import { NamedWord, WordList } from '../parts/NamedWord'

/** What a right lets one do; null if this console does not know the right. */
export function wordOfRight(scope: string): string | null {
  const id = `rights.${scope}`
  return hasText(id) ? t(id) : null
}

export function Right({ scope }: { scope: string }): ReactNode {
  useT()
  return <NamedWord name={scope} word={wordOfRight(scope)} />
}

export function Rights({ scopes }: { scopes: readonly string[] }): ReactNode {
  useT()
  return <WordList of={scopes.map((scope) => ({ name: scope, word: wordOfRight(scope) }))} />
}
