import { beforeAll, expect, test } from 'vitest'
import { beginLanguage, changeLanguage, needTexts, t } from '../i18n/i18n'
import { wordsOf } from '../parts/finding'
import { formatIn } from '../parts/format'
import { placesIn } from './links'

beforeAll(async () => {
  await beginLanguage('doctor')
  await needTexts('doctor', 'parts')
})

const say = (code: string, values: Record<string, unknown>, locale = 'en'): string | null => wordsOf({ code, values }, { of: 'doctor', t, format: formatIn(locale, 'UTC') })

test('figures have their units, and names stand apart', () => {
  expect(say('disk_space', { free_bytes: 53_687_091_200, total_bytes: 2_000_000_000_000, folder: '/data' })).toBe('53.7 GB of 2 TB are free on the disk of `/data`.')
  expect(say('fsync_time', { median_ms: 1.4, longest_ms: 25, writes: 16, folder: '/data' })).toBe('fsync takes 1.4 ms in `/data` (the longest of 16: 25 ms).')
  expect(say('backup_age', { age_seconds: 7_200 })).toBe('The last backup is 2 hr old.')
  expect(say('certificate_ends', { name: 'a.example', ends_at: '2027-03-01T10:00:00.000Z' })).toBe('The certificate of `a.example` ends on Mar 1, 2027.')
})

test('lists name the first five, with what is known of each', () => {
  expect(say('carriers_down', { down: 1, all: 3, carriers: [{ state: 'down_with', name: 'acme', error: 'refused' }] })).toBe('1 of 3 carriers is down: `acme` (`refused`).')
  expect(say('nodes_running', { count: 7, nodes: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] })).toBe('7 nodes run: `a`, `b`, `c`, `d`, `e` and 2 more.')
})

test('what a newer server says has no words here', () => {
  expect(say('moon_phase', {})).toBeNull()
  expect(say('ports', { addresses: [{ state: 'asleep', address: ':1' }] })).toBeNull()
})

test('numbers and forms are those of the language', async () => {
  await changeLanguage('ru')
  expect(say('carriers_connected', { count: 3, carriers: ['a', 'b', 'c'] }, 'ru')).toBe('На связи 3 оператора: `a`, `b` и `c`.')
  expect(say('retention', { message_days: 21, event_days: 0 }, 'ru')).toBe('Хранится не дольше: сообщения — 21 день, события — всегда.')
  await changeLanguage('en')
})

test('what a finding names is found by its name', () => {
  const webhook = { state: 'failing', webhook: 'whk_1', account: 'acc_1', for_seconds: 5 }
  expect([...placesIn({ count: 1, webhooks: [webhook] })]).toEqual([['whk_1', { webhook: 'whk_1', account: 'acc_1' }]])
  expect([...placesIn({ carriers: ['acme', { state: 'down', name: 'beta' }], nodes: ['n1'] })]).toEqual([
    ['acme', { carrier: 'acme' }], ['beta', { carrier: 'beta' }], ['n1', { nodes: true }],
  ])
  expect(placesIn({ carriers: [null, 5, {}], webhooks: 'none' }).size).toBe(0)
})
