// Which messages a new job is for: the tokens of the list of messages that a job takes, and those that only a job has.
//
// Rules kept here:
// - no condition of a job is empty: there is no token for messages without a country, network or error;
// - jobs are for all accounts and for both modes; an account is a condition.
import { country } from '../app/search'
import { useT } from '../i18n/i18n'
import { type JobFilter, jobFilterOf, type Kind, TAKEN, type Wanted } from '../messages/bulk'
import { searchFrom, useFields } from '../messages/fields'
import { type MessagesSearch, NONE } from '../messages/shape'
import { type FilterField, type Filters, useNegations } from '../parts/FilterBar'

/** What only jobs have, by the name that the API knows. */
const OWN = ['account', 'reference', 'route', 'route_not'] as const
/** What is not the list's: every waiting message goes out, with the sender that its recipient will see; and the carrier
 * is the desk's own matter. */
const OTHERWISE = ['direction', 'sender_shown', 'carrier']
type Own = Partial<Record<(typeof OWN)[number], string | readonly string[]>>

/** The filters of a new job: those of the list, and its own. */
export type Chosen = { search: MessagesSearch; own: Own }

export function useJobFields(): FilterField[] {
  const t = useT()
  const own: FilterField[] = [
    { name: 'account', label: t('desk.only.account'), kind: 'text', accepts: (text) => text.startsWith('acc_') },
    { name: 'reference', label: t('desk.only.reference'), kind: 'text' },
    { name: 'carrier', label: t('desk.only.carrier'), kind: 'text' },
    { name: 'route', label: t('desk.only.route'), kind: 'text' },
  ]
  const listed = useFields().filter(({ name, negates }) => TAKEN.has(name) && !OTHERWISE.includes(negates ?? name))
  const negated = useNegations(own, ['carrier', 'route'])
  return [...listed.map(withoutNone), ...negated]
}

function withoutNone(field: FilterField): FilterField {
  if (field.kind === 'choice') return { ...field, options: field.options.filter(({ value }) => value !== NONE) }
  return field.name === 'country' || field.negates === 'country' ? { ...field, reads: country } : field
}

export const filtersOf = ({ search, own }: Chosen): Filters => ({ ...search, ...own })

/** What was chosen after a change in the bar. */
export const chosenFrom = (given: Filters, before: Chosen): Chosen => ({
  search: searchFrom(given, before.search),
  own: Object.fromEntries(OWN.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]))),
})

/** What a job is asked for, and the statuses that are meant. */
export function wantedOf(kind: Kind, { search, own }: Chosen, now: number, test: boolean): Pick<Wanted, 'filter' | 'statuses'> {
  const { filter, statuses } = jobFilterOf(kind, search, now, undefined, test)
  return { filter: { ...filter, ...own } as JobFilter, statuses }
}
