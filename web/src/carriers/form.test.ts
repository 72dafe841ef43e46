import { expect, test } from 'vitest'
import { stepsOf } from './CheckPanel'
import { blank, type Carrier, type CarrierType, changesOf, clashesOf, joined, keptOf, missingOf, patchOf, schemaOf, settingsIn, settingsOf, tomlOf, type Values, withoutSecrets } from './form'

const smpp: CarrierType = {
  type: 'smpp', source: 'built_in', channel: 'sms', simulated: false, secrets: ['password'],
  settings: {
    properties: {
      host: { type: 'string' }, port: { type: 'integer', default: 2775 }, password: { type: 'string', default: '' },
      command_status: { type: 'object' }, source_ton: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
    },
    required: ['host'],
  },
}
const carrier = (settings: Record<string, unknown>): Pick<Carrier, 'settings'> => ({ settings })
const values = (changes: Partial<Values>): Values => ({ ...blank(), name: 'acme', ...changes })

test('a form begins with what differs from the defaults, without secrets', () => {
  const stored = carrier({ host: 'a', port: 2775, password: '********', command_status: {}, source_ton: null })
  expect(settingsOf(stored, smpp)).toEqual({ host: 'a' })
  expect(settingsOf(carrier({ host: 'a', port: 2776, password: '' }), smpp)).toEqual({ host: 'a', port: 2776 })
  expect([...keptOf(stored as Carrier, smpp)]).toEqual(['password'])
})

test('nothing is known of a type that is not installed, so all is kept', () => {
  expect(settingsOf(carrier({ a: '********', b: '********' }), undefined)).toEqual({})
})

test('only what was changed is sent; what was emptied gets its default again', () => {
  const before = values({ settings: { host: 'a', port: 2776 } })
  const after = values({ name: 'acme-2', settings: { host: 'b', password: 'new' } })
  expect(patchOf(changesOf(before, after))).toEqual({ name: 'acme-2', settings: { host: 'b', port: null, password: 'new' } })
  expect(patchOf(changesOf(before, before))).toEqual({})
  expect(patchOf(changesOf(before, { ...before, enabled: false }))).toEqual({ enabled: false })
})

test('two operators: what only one changed needs no choice, of what both changed one is kept', () => {
  const before = values({ settings: { host: 'a', port: 1 }, cost_per_segment: '0.01' })
  const theirs = values({ settings: { host: 'b', port: 2 }, cost_per_segment: '0.02' })
  const mine = values({ settings: { host: 'c', port: 1, window: 50 }, cost_per_segment: '0.02' })
  expect(clashesOf(before, theirs, mine)).toEqual([
    { field: 'cost_per_segment', before: '0.01', theirs: '0.02', mine: '0.02', both: false },
    { field: 'settings.host', before: 'a', theirs: 'b', mine: 'c', both: true },
    { field: 'settings.port', before: 1, theirs: 2, mine: undefined, both: false },
  ])
  expect(joined(before, theirs, mine, new Set()).settings).toEqual({ host: 'b', port: 2, window: 50 })
  expect(joined(before, theirs, mine, new Set(['settings.host'])).settings).toEqual({ host: 'c', port: 2, window: 50 })
})

test('a setting that was emptied here stays empty beside their changes', () => {
  const before = values({ settings: { host: 'a', port: 1 } })
  expect(joined(before, values({ settings: { host: 'b', port: 1 } }), values({ settings: { host: 'a' } }), new Set())).toEqual(values({ settings: { host: 'b' } }))
})

test('a wanted field that is empty is named before anything is asked of the server', () => {
  const schema = { required: ['host', 'password'] }
  expect(missingOf(values({ name: ' ', settings: {} }), schema)).toBe('name')
  expect(missingOf(values({ settings: { host: '' } }), schema)).toBe('settings.host')
  expect(missingOf(values({ settings: { host: 'a' } }), schema)).toBe('settings.password')
  expect(missingOf(values({ settings: { host: 'a' } }), schema, new Set(['password']))).toBeNull()
})

test('the table of the settings file has the settings at its top, and no secrets', () => {
  const made = values({ settings: withoutSecrets({ host: 'smsc.example.net', password: 'hush', binds: 2, command_status: { '0x0412': 'recipient_opted_out' }, tlvs: [{ tag: 5120, value: '{account}' }] }, smpp), cost_per_segment: '0.031' })
  expect(tomlOf('smpp', made)).toBe(`[[carriers]]
name = "acme"
type = "smpp"
host = "smsc.example.net"
password = "<password>"
binds = 2
command_status = { 0x0412 = "recipient_opted_out" }
tlvs = [{ tag = 5120, value = "{account}" }]
cost_per_segment = "0.031"
currency = "EUR"
`)
})

test('the findings of a step stand together, in the order of the check', () => {
  const found = (step: 'sign_in' | 'alive' | null, what: string) => ({ step, what, level: 'ok' as const, facts: null })
  expect(stepsOf([found('sign_in', 'a'), found('alive', 'b'), found('sign_in', 'c'), found(null, 'd')]).map(({ step, findings }) => [step, findings.map(({ what }) => what).join('')])).toEqual([
    ['sign_in', 'ac'], ['alive', 'b'], [null, 'd'],
  ])
})

test('a sentence leads to the settings that it names', () => {
  expect(settingsIn('connection refused: nothing listens there. Check `port`, `port` and `nothing`.', schemaOf(smpp))).toEqual(['port'])
})
