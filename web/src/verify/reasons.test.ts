// Why a guard stopped a verification, in the person's language.
import { beforeAll, expect, test } from 'vitest'
import { beginLanguage, changeLanguage, needTexts, t } from '../i18n/i18n'
import { wordsOf } from '../parts/finding'
import { formatIn } from '../parts/format'

beforeAll(async () => {
  await beginLanguage('verify')
  await needTexts('verify')
})

const say = (code: string, values: Record<string, unknown>, locale = 'en'): string | null => wordsOf({ code, values }, { of: 'verify', t, format: formatIn(locale, 'UTC') })

test('names, countries and types of numbers have words', () => {
  expect(say('number_sends', { number: '+491512', count: 1200 })).toBe('Without an approval, the number `+491512` had too many sends in 24 hours: 1,200.')
  expect(say('country', { country: 'GB' })).toBe('The profile does not allow messages to United Kingdom.')
  expect(say('line', { number: '+4990012', type: 'premium_rate' })).toBe('`+4990012` is a premium-rate number, which gets no SMS.')
  expect(say('line', { number: '+4990012', type: 'of_the_moon' })).toBe('`+4990012` is a number of the type of_the_moon, which gets no SMS.')
})

test('what is not told is left out, and what a newer server says has no words', () => {
  expect(say('address', { address: null, count: 7 })).toBe('In an hour, the address `…` asked for codes to too many numbers that nobody approved: 7.')
  expect(say('moon', { phase: 'full' })).toBeNull()
})

test('another language has its own', async () => {
  await changeLanguage('fr')
  expect(say('budget_day', {}, 'fr')).toBe('Le budget de cette journée est épuisé.')
  expect(say('burst', { country: 'DE', count: 25 }, 'fr')).toBe('En une heure, plus de codes que d’habitude vers ce pays (Allemagne) n’ont pas été saisis : 25.')
  await changeLanguage('en')
})

const warn = (code: string, values: Record<string, unknown>, locale = 'en'): string | null => wordsOf({ code, values }, { of: 'verify.profile', t, format: formatIn(locale, 'UTC') })

test('what a profile warns of has its figures, countries and languages in the person’s language', async () => {
  expect(warn('guessable', { one_of: 2000 })).toMatch(/^One of 2,000 verifications can be guessed/)
  expect(warn('abused_countries', { countries: ['ID', 'PK'] })).toBe('Artificial traffic to these countries is common: Indonesia and Pakistan. Set a budget of a day.')
  expect(warn('hash_too_long', { languages: ['de'] })).toMatch(/: `de`\.$/)
  await changeLanguage('fr')
  expect(warn('no_sender_to', { countries: ['DE'] }, 'fr')).toMatch(/^Les SMS vers ces pays sont refusés : Allemagne\./)
  await changeLanguage('en')
})
