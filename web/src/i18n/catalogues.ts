// The catalogues: one file for each feature and language, loaded when a page needs it.
//
// Where the files of a language are is a part of its own (`files/`): with five languages that nobody reads, the names of
// some hundred files would be in the first load.
import type { CompiledMessage } from '@lingui/message-utils/compileMessage'
import type { Feature } from './ids'
import type { Language } from './languages'

export type Catalogue = Record<string, CompiledMessage>
export type Files = Record<string, () => Promise<Catalogue>>

const languages = import.meta.glob<Files>('./files/*.ts', { import: 'files' })

/** The texts of a feature. Empty if it has none. */
export async function catalogue(feature: Feature, language: Language): Promise<Catalogue> {
  const files = await languages[`./files/${language}.ts`]?.()
  return (await files?.[`../../${feature}/texts/${language}.json`]?.()) ?? {}
}
