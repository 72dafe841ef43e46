// What is chosen in this browser, and how the server is told of it.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { preferences } from './preferences'
import { changeOf, chosenFrom, type Kept } from './remembered'

const NOTHING: Kept = {
  language: null, time_zone: null, theme: null, density: null, list_pages: null, letter_keys: null, first_steps: null, hidden_columns: {},
}

beforeEach(() => localStorage.clear())
afterEach(() => localStorage.clear())

describe('in this browser', () => {
  test('a value that is none of the allowed ones counts as not chosen', () => {
    localStorage.setItem('onesixty-density', 'tiny')
    localStorage.setItem('onesixty-zone', 'Mars/Olympus')
    localStorage.setItem('onesixty-columns', '{"a":')
    for (const name of ['density', 'zone', 'columns', 'pages'] as const) expect(preferences.get(name)).toBeNull()
  })

  test('the same choice is the same object, also one that another tab makes', () => {
    preferences.set('columns', { '/v1/messages': ['from'] })
    const first = preferences.get('columns')
    expect(preferences.get('columns')).toBe(first)
    localStorage.setItem('onesixty-columns', '{"/v1/keys":["hint"],"/v1/x":5}')
    expect(preferences.get('columns')).toEqual({ '/v1/keys': ['hint'] })
  })

  test('who watches is told of choices, not of what the server has', () => {
    const told = vi.fn()
    const stop = preferences.watch(told)
    preferences.set('density', 'compact')
    preferences.set('letters', 'off', { told: false })
    stop()
    expect(told.mock.calls).toEqual([['density']])
  })
})

describe('on the server', () => {
  test('what was not chosen there leaves this browser as it is', () => {
    expect(chosenFrom(NOTHING)).toEqual({ columns: {} })
    expect(chosenFrom({ ...NOTHING, language: 'ar', list_pages: true, letter_keys: false, first_steps: false, hidden_columns: { '/v1/keys': ['hint'] } })).toEqual({
      language: 'ar', pages: 'on', letters: 'off', firstSteps: 'hidden', columns: { '/v1/keys': ['hint'] },
    })
  })

  test('a choice is one member of a merge patch', () => {
    preferences.set('pages', 'on')
    expect(changeOf('pages', null)).toEqual({ list_pages: true })
    preferences.set('zone', 'local')
    expect(changeOf('zone', null)).toEqual({ time_zone: 'local' })
  })

  test('a list that has all its columns again is cleared', () => {
    preferences.set('columns', { '/v1/messages': [], '/v1/keys': ['hint'] })
    expect(changeOf('columns', { '/v1/messages': ['from'], '/v1/gone': ['x'] })).toEqual({
      hidden_columns: { '/v1/messages': null, '/v1/gone': null, '/v1/keys': ['hint'] },
    })
  })
})
