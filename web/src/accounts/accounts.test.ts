import { expect, test } from 'vitest'
import { adjustmentOf, directionOf } from './adjustment'
import { changeOf, daysOf, type Retention, shortened } from './retention'
import { changeOfSenders, written } from './senders'
import { partOf } from './use'

const kept: Retention = {
  account_id: 'acc_1', bodies: null, messages: 400, inbound: null, events: 30, deliveries: null, receipts: null, refusals: 0, audit: null, version: 2,
  in_force: { bodies: 90, messages: 400, inbound: 400, events: 30, deliveries: 30, receipts: 400, refusals: 0, audit: 3650 },
}

test('an amount with a minus takes from the balance, and what is no amount does nothing yet', () => {
  expect(directionOf('100.00')).toEqual({ does: 'adds', amount: '100.00' })
  expect(directionOf(' -0.5 ')).toEqual({ does: 'takes', amount: '0.5' })
  for (const none of ['', '-', '0', '-0.00', '1,5', '1e3', '.5', 'ten']) expect(directionOf(none)).toBe(null)
})

test('an adjustment has the currency of its account, and no empty reference', () => {
  expect(adjustmentOf({ id: 'acc_1', currency: 'EUR' }, { amount: ' 5 ', reason: ' Transfer ', reference: ' ' })).toEqual({ account_id: 'acc_1', amount: '5', currency: 'EUR', reason: 'Transfer' })
  expect(adjustmentOf({ id: 'acc_1', currency: 'EUR' }, { amount: '-5', reason: 'x', reference: '2026-42' }).reference).toBe('2026-42')
})

test('only the times that were changed are sent; an empty one is the operator’s', () => {
  const days = daysOf(kept)
  expect(changeOf(days, days)).toEqual({})
  expect(changeOf(days, { ...days, bodies: 10, messages: '', refusals: 5 })).toEqual({ bodies: 10, messages: null, refusals: 5 })
})

test('what may be kept for less time is named before it is deleted', () => {
  const days = daysOf(kept)
  expect(shortened(kept, days)).toEqual([])
  expect(shortened(kept, { ...days, bodies: 89 })).toEqual(['bodies'])
  expect(shortened(kept, { ...days, bodies: 90, messages: 0, events: 31 })).toEqual([])
  expect(shortened(kept, { ...days, messages: '', refusals: 3650 })).toEqual(['messages', 'refusals'])
})

test('a limit is nearly used from nine tenths on, and may be passed', () => {
  expect(partOf({ limit: 10, used: 8 })).toEqual({ share: 0.8, state: 'room' })
  expect(partOf({ limit: 10, used: 9 })).toEqual({ share: 0.9, state: 'near' })
  expect(partOf({ limit: 10, used: 12 })).toEqual({ share: 1, state: 'full' })
  expect(partOf({ limit: 0, used: 0 })).toEqual({ share: 1, state: 'full' })
})

test('default senders are written by country, and only what changes of them is sent', () => {
  const senders = { '*': 'Acme', FR: 'AcmeFR', DE: 'AcmeDE' }
  expect(written(senders)).toEqual(['DE=AcmeDE', 'FR=AcmeFR', 'Acme'])
  expect(changeOfSenders(senders, written(senders))).toEqual({})
  expect(changeOfSenders(senders, ['fr = Other', 'Acme', 'AT=A=B'])).toEqual({ DE: null, FR: 'Other', AT: 'A=B' })
  expect(changeOfSenders({}, ['Acme'])).toEqual({ '*': 'Acme' })
})
