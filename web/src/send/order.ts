// The fields of the form as the API takes them.
import type { components } from '../api/schema'
import type { Type } from '../templates/template'
import { valuesOf } from '../templates/variables'

export type Order = components['schemas']['SendRequest']

export type Values = {
  /** The name of a template, in place of a text. */
  template: string
  language: string
  /** Its values, as they were typed. */
  variables: Record<string, string>
  to: string
  list: string
  from: string
  text: string
  class: '' | 'otp' | 'transactional' | 'marketing'
  scheduled_at: string
  reference: string
  /** Separated by commas. */
  tags: string
  transliterate: boolean
  flash: boolean
}

export const EMPTY: Values = { template: '', language: '', variables: {}, to: '', list: '', from: '', text: '', class: '', scheduled_at: '', reference: '', tags: '', transliterate: false, flash: false }

/** What is the same for all recipients. What is empty is left out: the account's defaults count. `types` are those of
 * the template's variables. The class of its messages is its purpose. */
export function contentOf(values: Values, types: Record<string, Type> = {}): Omit<Order, 'to'> {
  const { from, text, class: class_, scheduled_at: at, reference, tags, transliterate, flash } = values
  const moment = new Date(at)
  const listed = tags.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '')
  const templated = values.template !== ''
  return {
    ...(templated ? { template: values.template, variables: valuesOf(types, values.variables) } : { text }),
    ...(templated && values.language !== '' ? { language: values.language } : {}),
    ...(from.trim() === '' ? {} : { from: from.trim() }),
    ...(class_ === '' || templated ? {} : { class: class_ }),
    ...(at === '' || Number.isNaN(moment.getTime()) ? {} : { scheduled_at: moment.toISOString() }),
    ...(reference.trim() === '' ? {} : { reference: reference.trim() }),
    ...(listed.length === 0 ? {} : { tags: listed }),
    ...(transliterate ? { transliterate } : {}),
    ...(flash ? { flash } : {}),
  }
}
