import { expect, test } from 'vitest'
import { canSubmit, canWithdraw, decisionsIn, isOpen, meaningOf, missingOf, type Profile, reasonsOf, shownOf, typeOf } from './profile'

const profile = (changes: Partial<Profile> = {}): Profile => ({
  account_id: 'acc_1', state: 'unverified', verified: false, may_send: 'all', reasons: [], legal_name: null, registration_number: null, tax_id: null,
  street: null, postal_code: null, city: null, region: null, country: null, website: null, contact_name: null, contact_email: null, contact_phone: null,
  documents: 0, submitted_at: null, decided_at: null, expires_at: null, version: 0,
  ...changes,
})

test('what is needed to submit is named', () => {
  expect(missingOf(profile())).toEqual(['legal_name', 'street', 'city', 'country', 'contact_email'])
  expect(missingOf(profile({ legal_name: 'Shop', street: 'A 1', city: 'Berlin', country: 'DE', contact_email: '' }))).toEqual(['contact_email'])
})

test.each([
  ['unverified', null, true, true, false],
  ['submitted', null, false, false, true],
  ['in_review', null, false, false, true],
  ['verified', '2026-11-29T12:00:00.000Z', false, false, true],
  ['verified', null, true, false, true],
  ['rejected', '2026-11-29T12:00:00.000Z', true, true, false],
  ['expired', '2026-11-29T12:00:00.000Z', true, true, false],
] as const)('%s (decided: %s): open %s, submit %s, withdraw %s', (state, decided_at, open, submit, withdraw) => {
  const given = profile({ state, decided_at })
  expect([isOpen(given), canSubmit(given), canWithdraw(given)]).toEqual([open, submit, withdraw])
})

test.each([
  ['unverified', null, false, 'unverified', ['unverified']],
  ['unverified', null, true, 'counts', ['above']],
  ['submitted', null, true, 'submitted', ['submitted', 'meanwhile']],
  ['in_review', null, false, 'in_review', ['in_review']],
  ['verified', null, true, 'counts', ['older']],
  ['verified', '2026-11-29T12:00:00.000Z', true, 'verified', ['verified']],
  ['rejected', '2026-11-29T12:00:00.000Z', false, 'rejected', ['rejected']],
  // A verified account that withdrew its profile.
  ['unverified', '2026-11-29T12:00:00.000Z', false, 'unverified', ['unverified']],
] as const)('%s (decided: %s, counts: %s) is shown as %s', (state, decided_at, verified, shown, means) => {
  const given = profile({ state, decided_at, verified })
  expect(shownOf(given)).toBe(shown)
  expect(meaningOf(given)).toEqual(means)
})

test('an operator can verify in each state, and reject what was handed in', () => {
  expect(decisionsIn('unverified')).toEqual(['verify'])
  expect(decisionsIn('submitted')).toEqual(['review', 'verify', 'reject'])
  expect(decisionsIn('in_review')).toEqual(['verify', 'reject'])
  expect(decisionsIn('verified')).toEqual(['verify', 'reject', 'expire'])
})

test('reasons are lines, documents are PDF, PNG and JPEG', () => {
  expect(reasonsOf(' too old \n\n  unreadable\n')).toEqual(['too old', 'unreadable'])
  expect(['application/pdf', 'image/png', 'image/gif', ''].map((type) => typeOf({ type }))).toEqual(['application/pdf', 'image/png', null, null])
})
