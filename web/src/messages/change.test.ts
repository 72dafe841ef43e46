// Changing a waiting message: what is sent, and what two people changed at once.
import { describe, expect, test } from 'vitest'
import { changedIn, isChangeable, localOf, met, patchOf, type Values } from './change'

const before: Values = {
  text: 'Your table is at 20:00', from: 'Bistro', scheduled_at: '2026-12-01T18:00', class: 'transactional', priority: '0', reference: 'r-1',
  tags: 'table, evening', flash: false, transliterate: false,
}

describe('what is sent', () => {
  test('only what differs', () => {
    expect(patchOf(before, { ...before, text: 'Your table is at 20:30', priority: '9' })).toEqual({ text: 'Your table is at 20:30', priority: 9 })
    expect(patchOf(before, before)).toEqual({})
  })

  test('what is emptied gets its default, and no time means at once', () => {
    expect(patchOf(before, { ...before, reference: ' ', tags: ' , ', scheduled_at: '' })).toEqual({ reference: null, tags: [], scheduled_at: null })
  })

  test('tags are words, and a time is one of the zone of the browser', () => {
    const at = '2026-12-02T07:30'
    expect(patchOf(before, { ...before, tags: 'a,b , c', scheduled_at: at })).toEqual({ tags: ['a', 'b', 'c'], scheduled_at: new Date(at).toISOString() })
    expect(localOf(new Date(at).toISOString())).toBe(at)
  })

  test('what is no time goes to the API, which says so', () => {
    expect(patchOf(before, { ...before, scheduled_at: 'soon' })).toEqual({ scheduled_at: 'soon' })
  })
})

describe('two people at once', () => {
  test('changes of others come in, but for what was changed here', () => {
    const mine = { ...before, text: 'mine', reference: 'r-2' }
    const theirs = { ...before, text: 'theirs', priority: '5' }
    const found = met(before, theirs, mine)
    expect(found).toEqual({ values: { ...before, text: 'mine', reference: 'r-2', priority: '5' }, taken: ['priority'], clashing: ['text'] })
    // Saved again, it is sent on top of theirs.
    expect(changedIn(theirs, found.values)).toEqual(['text', 'reference'])
  })

  test('the same change is no clash', () => {
    const mine = { ...before, text: 'same' }
    expect(met(before, { ...before, text: 'same' }, mine)).toEqual({ values: mine, taken: [], clashing: [] })
  })
})

test.each([
  [{ status: 'scheduled', held_for: null }, true],
  [{ status: 'queued', held_for: null }, true],
  [{ status: 'held', held_for: 'review' }, true],
  [{ status: 'held', held_for: 'outcome_unknown' }, false],
  [{ status: 'sent', held_for: null }, false],
] as const)('%j can be changed: %s', (message, can) => {
  expect(isChangeable({ direction: 'outbound', ...message })).toBe(can)
  expect(isChangeable({ direction: 'inbound', ...message })).toBe(false)
})
