// Limits as values of a form, and back.
import { expect, test } from 'vitest'
import { givenLimits, limitParams, limitsOf, limitValues } from './Limits'

const NAMES = ['messages_per_day', 'waiting_messages'] as const

test('an empty field is no limit, and 0 is one', () => {
  const values = limitValues(NAMES, { messages_per_day: 0, waiting_messages: null })
  expect(values).toEqual({ messages_per_day: 0, waiting_messages: '' })
  expect(limitsOf(NAMES, values)).toEqual({ messages_per_day: 0, waiting_messages: null })
  expect(givenLimits(NAMES, values)).toEqual({ messages_per_day: 0 })
})

test('a new form has no limits, and a refusal names its field', () => {
  expect(givenLimits(NAMES, limitValues(NAMES))).toEqual({})
  expect(limitParams(NAMES, 'profile')).toEqual({ 'profile.messages_per_day': 'messages_per_day', 'profile.waiting_messages': 'waiting_messages' })
})
