// The verdict of the first page.
import { expect, test } from 'vitest'
import { deliveryRate, type Figures, verdictOf } from './verdict'

const hour = (counts: Record<string, number>) => ({ counts, total: Object.values(counts).reduce((sum, each) => sum + each, 0), next: null })
const base: Figures = { alerts: 0, hour: hour({ delivered: 100 }), held: 0, webhooks: 0, usual: 0.02 }

test.each<[string, Partial<Figures>, string]>([
  ['all is well', {}, 'well'],
  ['who may not read alerts gets a verdict too', { alerts: undefined }, 'well'],
  ['an alert comes first', { alerts: 1, held: 3 }, 'alerts'],
  ['more failures than usual', { hour: hour({ delivered: 90, failed: 6, undelivered: 4 }) }, 'failing'],
  ['as many failures as usual', { hour: hour({ delivered: 90, failed: 10 }), usual: 0.1 }, 'well'],
  ['many failures without a week to compare with', { hour: hour({ delivered: 8, failed: 4 }), usual: null }, 'many'],
  ['a few messages say nothing', { hour: hour({ failed: 3 }) }, 'well'],
  ['webhooks that fail come before what is held', { webhooks: 1, held: 2 }, 'webhooks'],
  ['what is held waits for somebody', { held: 2 }, 'held'],
  ['nothing in the last hour', { hour: hour({}) }, 'quiet'],
  ['not read yet', { hour: undefined }, 'unknown'],
])('%s', (_, figures, verdict) => {
  expect(verdictOf({ ...base, ...figures })).toBe(verdict)
})

test('the delivery rate is of ended messages', () => {
  expect(deliveryRate({ delivered: 8, undelivered: 1, failed: 1, sent: 5 })).toEqual({ delivered: 8, ended: 10, rate: 0.8 })
  expect(deliveryRate({ queued: 3, canceled: 2, received: 1 })).toBeNull()
})
