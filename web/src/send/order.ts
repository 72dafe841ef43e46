// The fields of the form as the API takes them.
import type { components } from '../api/schema'

export type Order = components['schemas']['SendRequest']

export type Values = {
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

export const EMPTY: Values = { to: '', list: '', from: '', text: '', class: '', scheduled_at: '', reference: '', tags: '', transliterate: false, flash: false }

/** What is the same for all recipients. What is empty is left out: the account's defaults count. */
export function contentOf(values: Values): Omit<Order, 'to'> {
  const { from, text, class: class_, scheduled_at: at, reference, tags, transliterate, flash } = values
  const moment = new Date(at)
  const listed = tags.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '')
  return {
    text,
    ...(from.trim() === '' ? {} : { from: from.trim() }),
    ...(class_ === '' ? {} : { class: class_ }),
    ...(at === '' || Number.isNaN(moment.getTime()) ? {} : { scheduled_at: moment.toISOString() }),
    ...(reference.trim() === '' ? {} : { reference: reference.trim() }),
    ...(listed.length === 0 ? {} : { tags: listed }),
    ...(transliterate ? { transliterate } : {}),
    ...(flash ? { flash } : {}),
  }
}
