// A registration as values of a form. An empty field is "for all", which the API knows as a field that is left out.
import type { Registration } from './template'

export type Values = { country: string; carrier: string; language: string; number: string; ids: Record<string, string> }

export const registrationValues = (one: Registration | undefined): Values => ({
  country: one?.country ?? '', carrier: one?.carrier ?? '', language: one?.language ?? '', number: one?.number == null ? '' : String(one.number), ids: { ...one?.ids },
})

export function registrationOf({ country, carrier, language, number, ids }: Values): Registration {
  return {
    country: country.trim().toUpperCase(),
    ids: Object.fromEntries(Object.entries(ids).map(([name, id]) => [name.trim(), id.trim()])),
    ...(carrier.trim() === '' ? {} : { carrier: carrier.trim() }),
    ...(language === '' ? {} : { language }),
    ...(number === '' ? {} : { number: Number(number) }),
  }
}
