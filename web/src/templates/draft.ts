// What of a template is changed in the editor, and what a change sends.
import { languagesOf, type Template } from './template'
import { changesOf, type Row, rowsOf } from './variables'

export type Draft = {
  name: string
  purpose: Template['purpose']
  default_language: string
  texts: Record<string, string>
  variables: Row[]
  max_segments: number | ''
}

export const draftOf = (template: Template): Draft => ({
  name: template.name,
  purpose: template.purpose,
  default_language: template.default_language,
  texts: Object.fromEntries(languagesOf(template).map((language) => [language, template.texts[language] ?? ''])),
  variables: rowsOf(template.variables),
  max_segments: template.max_segments ?? '',
})

/** Only what was changed: a version begins with a change of what it says, and names are no part of it. Null takes away. */
export function changeOf(before: Draft, after: Draft): Record<string, unknown> {
  const texts = Object.fromEntries(
    [...new Set([...Object.keys(before.texts), ...Object.keys(after.texts)])]
      .filter((language) => before.texts[language] !== after.texts[language])
      .map((language) => [language, after.texts[language] ?? null]),
  )
  const variables = changesOf(before.variables, after.variables)
  return {
    ...(before.name === after.name ? {} : { name: after.name.trim() }),
    ...(before.purpose === after.purpose ? {} : { purpose: after.purpose }),
    ...(before.default_language === after.default_language ? {} : { default_language: after.default_language }),
    ...(Object.keys(texts).length === 0 ? {} : { texts }),
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    ...(before.max_segments === after.max_segments ? {} : { max_segments: after.max_segments === '' ? null : after.max_segments }),
  }
}
