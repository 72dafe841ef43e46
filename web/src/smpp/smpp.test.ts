import { expect, test } from 'vitest'
import schema from '../api/smpp-profile.json'
import { bindLines, type Words } from './bind'
import { GROUPS, patched, patchOf, schemaOf, valuesOf, WHO } from './profile'

test('each field of the profile is in the form once', () => {
  const shown = Object.keys(GROUPS).flatMap((group) => Object.keys(schemaOf(group as keyof typeof GROUPS).properties ?? {}))
  expect([...shown, ...WHO].toSorted()).toEqual(Object.keys(schema.properties).toSorted())
})

test('a change of the profile sends what differs', () => {
  const before = valuesOf({ window: 10, rate: 0, default_country: null, priority_classes: { '0': 'marketing', '3': 'otp' }, allowed_networks: ['10.0.0.0/8'] })
  expect('default_country' in before).toBe(false)
  expect(patchOf(before, before)).toEqual({})
  const { rate: _, allowed_networks: __, ...rest } = before
  expect(patchOf(before, { ...rest, window: 20, default_country: 'DE', priority_classes: { '3': 'otp' } })).toEqual({
    window: 20, rate: null, default_country: 'DE', allowed_networks: null, priority_classes: { '0': null, '3': 'otp' },
  })
  const theirs = { ...before, window: 99, rate: 5 }
  expect(patched(theirs, patchOf(before, { ...before, window: 20, priority_classes: { '3': 'otp' } }))).toEqual({
    window: 20, rate: 5, priority_classes: { '3': 'otp' }, allowed_networks: ['10.0.0.0/8'],
  })
})

test('what a customer needs to bind, as text', () => {
  const words: Words = { host: 'Host', port: 'Port', tls: 'Port (TLS)', systemId: 'system_id', version: 'Version', kinds: 'Binds', window: 'Window' }
  const listeners = [{ host: 'smpp.example', port: 3550, tls: true }, { host: 'smpp.example', port: 2775, tls: false }]
  expect(bindLines({ system_id: 'shop', profile: { window: 20, max_binds: 4 } }, listeners, words)).toEqual([
    ['Host', 'smpp.example'], ['Port (TLS)', '3550'], ['Port', '2775'], ['system_id', 'shop'], ['Version', '3.3, 3.4, 5.0'],
    ['Binds', 'transceiver, transmitter, receiver'], ['Window', '20'],
  ])
  const apart = bindLines({ system_id: 'shop', profile: {} }, [{ host: 'a', port: 1, tls: true }, { host: 'b', port: 2, tls: false }], words)
  expect(apart.slice(0, 2)).toEqual([['Port (TLS)', 'a:1'], ['Port', 'b:2']])
})
