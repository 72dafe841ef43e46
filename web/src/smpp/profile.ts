// The profile of a credential as a form: the fields that most people change have words of their own, and the rest is
// made of the API's schema (`api/smpp-profile.json`).
//
// Rules kept here:
// - a change sends only what differs. What is emptied goes back to its default (null);
// - a field that the schema has and no group names is in the last group: a new field of the API is never lost.
import schema from '../api/smpp-profile.json'
import type { components } from '../api/schema'
import type { Schema, SchemaValues } from '../parts/schema'

export type Profile = components['schemas']['SmppProfile']

export const GROUPS = {
  limits: [
    'max_binds', 'window', 'delivery_window', 'rate', 'messages_per_day', 'messages_per_month', 'waiting_messages', 'scheduled_messages', 'throttle_status', 'max_segments',
  ],
  submitted: [
    'default_sender', 'default_country', 'default_class', 'allowed_classes', 'priority_classes', 'alphabet_0', 'alphabet_1', 'deduplicate', 'deduplicate_seconds', 'message_id_form',
  ],
  delivered: [
    'inbound', 'inbound_long', 'deliver_by', 'number_format', 'receipt_style', 'receipt_time_zone', 'receipt_date_format', 'receipt_errors', 'outbind',
  ],
} as const satisfies Record<string, readonly (keyof Profile)[]>
export type Group = keyof typeof GROUPS

/** Who may bind from where, and as whom it may send: these have words in each language. */
export const WHO = ['allowed_networks', 'allowed_senders'] as const satisfies readonly (keyof Profile)[]

const fields = schema.properties as Record<string, Schema>

/** The schema of a group. */
export function schemaOf(group: Group): Schema {
  const known = new Set<string>([...Object.values(GROUPS).flat(), ...WHO])
  const others = group === 'delivered' ? Object.keys(fields).filter((name) => !known.has(name)) : []
  const named = [...GROUPS[group], ...others].flatMap((name) => {
    const field = fields[name]
    return field === undefined ? [] : [[name, field]]
  })
  return { type: 'object', properties: Object.fromEntries(named) as Record<string, Schema> }
}

/** A profile as the form has it: without what is null. */
export const valuesOf = (profile: Profile): SchemaValues => Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== null))

/** What a PATCH says of the profile: the fields that differ, null for those that go back to their default. */
export function patchOf(before: SchemaValues, after: SchemaValues): SchemaValues {
  const changed = Object.keys(fields).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  return Object.fromEntries(changed.map((name) => [name, patchedValue(before[name], after[name])]))
}

/** A profile with the changes of a patch. */
export function patched(profile: SchemaValues, patch: SchemaValues): SchemaValues {
  const merged = Object.entries({ ...profile, ...patch }).map(([name, value]) => [name, isTable(value) && isTable(profile[name]) ? patched(profile[name], value) : value])
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as SchemaValues
}

/** A table is merged key by key, so that keys that are gone are null. */
function patchedValue(before: unknown, after: unknown): unknown {
  if (after === undefined) return null
  if (!isTable(before) || !isTable(after)) return after
  const gone = Object.keys(before).filter((key) => !(key in after))
  return { ...after, ...Object.fromEntries(gone.map((key) => [key, null])) }
}

const isTable = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
