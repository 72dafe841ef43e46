// The form of a profile, and the figures of verifications.
import { describe, expect, test } from 'vitest'
import { listOf, startOf, together } from './figures'
import { notAllowed } from './NotAllowed'
import { BLANK, bodyOf, patchOf, type Values, valuesOf } from './profile'
import { queryOf } from './search'
import { choices } from './TemplateField'
import type { Profile } from './useProfiles'

const profile: Profile = {
  id: 'vpr_1', name: 'login', application: 'Acme', code_length: 6, alphabet: 'digits', life: 600, checks: 5, sends: 5,
  channels: [{ channel: 'sms', after: 60 }, { channel: 'email', after: 90 }], no_report_after: 45, sender: null, template: null, language: 'de', languages: { CH: 'fr' },
  test_numbers: [{ number: '+15550100001', code: '123456' }], warnings: [], findings: [], test: false, version: 3, created_at: '2026-11-30T10:00:00Z',
  formats: { domain: 'example.com' }, guards: { countries: ['DE'], budget_day: '50.00', modes: { mix: 'report' }, thresholds: { 'address.hold_above': 30 } },
}

describe('the form of a profile', () => {
  test('begins with what there is, and changes nothing by itself', () => {
    const values = valuesOf(profile)
    expect([values.channels, values.after, values.sender, values.language]).toEqual(['sms,email', 60, '', 'de'])
    expect(patchOf(values, values)).toEqual({})
    expect([values.domain, values.countries, values.budget_day, values.report, values.off]).toEqual(['example.com', ['DE'], '50.00', ['mix'], []])
  })

  test('a guard that is no longer named is on again, and an emptied budget is none', () => {
    const before = valuesOf(profile)
    expect(patchOf(before, { ...before, report: [], off: ['budget'], budget_day: '', countries: ['de', 'AT'] })).toEqual({
      guards: { countries: ['DE', 'AT'], budget_hour: null, budget_day: null, modes: { mix: 'on', budget: 'off' }, thresholds: { 'address.hold_above': 30 } },
    })
  })

  test('an emptied threshold is the guard’s own again, and a country that is left out has no language', () => {
    const before = valuesOf(profile)
    expect([before.languages, before.thresholds]).toEqual([['CH=fr'], { 'address.hold_above': 30 }])
    const change = patchOf(before, { ...before, languages: ['ae = ar'], thresholds: { 'address.hold_above': '', 'number.day': 5 } })
    expect(change.languages).toEqual({ CH: null, AE: 'ar' })
    expect(change.guards).toMatchObject({ thresholds: { 'address.hold_above': null, 'number.day': 5 } })
    expect(bodyOf({ ...BLANK, languages: ['CH=fr'], thresholds: { 'number.day': '' } })).toMatchObject({ languages: { CH: 'fr' }, guards: { thresholds: {} } })
  })

  test('sends what differs; what is emptied is null', () => {
    const before = valuesOf(profile)
    const after: Values = { ...before, life: '', language: ' ', checks: 3, channels: 'sms' }
    expect(patchOf(before, after)).toEqual({ life: null, language: null, checks: 3, channels: [{ channel: 'sms', after: 60 }] })
  })

  test('a new one needs a name and an application; empty lines of test numbers are left out', () => {
    const body = bodyOf({ ...BLANK, name: ' login ', application: 'Acme', code_length: '', test_numbers: [{ number: '', code: '' }, { number: ' +15550100001', code: '1234 ' }] })
    expect(body).toMatchObject({ name: 'login', application: 'Acme', test_numbers: [{ number: '+15550100001', code: '1234' }] })
    expect('code_length' in body || 'sender' in body).toBe(false)
  })
})

describe('the template of a profile', () => {
  const template = (name: string, purpose: string, approved: number | null = 1) => ({ id: `tpl_${name}`, name, purpose, approved }) as Parameters<typeof choices>[0][number]

  test('is one of those for codes; what the profile has stays a choice as it is written there', () => {
    const templates = [template('news', 'marketing'), template('door', 'otp'), template('bank', 'otp', null)]
    expect(choices(templates, '').map(({ value, approved }) => [value, approved])).toEqual([['bank', false], ['door', true]])
    expect(choices(templates, 'tpl_door').map(({ value }) => value)).toEqual(['bank', 'tpl_door'])
    expect(choices(templates, 'gone').map(({ value }) => value)).toEqual(['gone', 'bank', 'door'])
  })
})

describe('countries that are not allowed', () => {
  test('are told by profile, the last first, without those that are allowed by now', () => {
    const blocked = (country: string | null, hour: number, profile_id = 'vpr_1') => ({ country, profile_id, created_at: `2026-11-30T${hour}:00:00Z` })
    const rows = notAllowed([blocked('FR', 12), blocked('AT', 13), blocked('FR', 10), blocked('DE', 14), blocked(null, 15), blocked('FR', 16, 'vpr_gone')], [profile])
    expect(rows.map(({ country, count, last }) => [country, count, last])).toEqual([['AT', 1, '2026-11-30T13:00:00Z'], ['FR', 2, '2026-11-30T12:00:00Z']])
  })
})

describe('figures', () => {
  const row = { started: 10, approved: 6, blocked: 1, judged: 8 }
  const report = { start: '2026-11-23T10:00:00.000Z', end: '2026-11-30T11:00:00.000Z' }

  test('several rows together, without what says nothing of conversion', () => {
    expect(together([row, row])).toEqual({ started: 20, approved: 12, blocked: 2, judged: 16, conversion: 0.75 })
    expect(together([]).conversion).toBeNull()
  })

  test('each number has the list of its row: none is what has no country, and a day ends with the report', () => {
    const all = { counted_as: 'approved', created_after: report.start, created_before: report.end, profile_id: undefined }
    expect(listOf('approved', report)).toEqual(all)
    expect(listOf('approved', report, 'country', { country: 'DE' })).toEqual({ ...all, country: 'DE' })
    expect(queryOf({ country_not: ['none', 'de'], network_not: ['none'], status_not: ['expired'] })).toEqual({ country_not: ['', 'DE'], network_not: [''], status_not: ['expired'] })
    expect(queryOf(listOf('approved', report, 'network', { network: null }))).toMatchObject({ network: '', counted_as: 'approved' })
    expect(listOf('approved', { ...report, profile_id: 'vpr_1' }, 'channel', { channel: 'email' })).toMatchObject({ channel: 'email', profile_id: 'vpr_1' })
    expect(listOf('approved', report, 'profile', { profile: 'vpr_2' })).toMatchObject({ profile_id: 'vpr_2' })
    const bounds = (day: string) => [listOf('started', report, 'day', { day }).created_after, listOf('started', report, 'day', { day }).created_before]
    expect(bounds('2026-11-23T00:00:00Z')).toEqual([report.start, '2026-11-24T00:00:00.000Z'])
    expect(bounds('2026-11-25T00:00:00Z')).toEqual(['2026-11-25T00:00:00Z', '2026-11-26T00:00:00.000Z'])
    expect(bounds('2026-11-30T00:00:00Z')).toEqual(['2026-11-30T00:00:00Z', report.end])
  })

  test('a span begins at a whole hour, and within what is kept', () => {
    const now = Date.parse('2026-11-30T10:25:00Z')
    expect([startOf('24h', now), startOf(undefined, now), startOf('30d', now)]).toEqual(['2026-11-29T10:00:00.000Z', '2026-11-23T10:00:00.000Z', '2026-10-31T11:00:00.000Z'])
  })
})
