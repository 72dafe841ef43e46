// Numbers of lists and files, and the marks in the text.
import { describe, expect, test } from 'vitest'
import { contentOf, EMPTY } from './order'
import { type Costly, piecesOf, replaced } from './parts'
import { numberColumn, numbersIn, numbersOf, tableOf } from './recipients'

const quote: Costly = { character: '’', code_point: 'U+2019', name: 'RIGHT SINGLE QUOTATION MARK', look_alike: "'", positions: [3], why: 'ucs2' }
const euro: Costly = { character: '€', code_point: 'U+20AC', name: 'EURO SIGN', look_alike: 'EUR', positions: [0], why: 'two_septets' }

describe('numbers', () => {
  test('of a list, each once', () => {
    expect(numbersIn('+49 151 123-456\n0049151123456; +15551234567,\n\n')).toEqual({ numbers: ['+49151123456', '+15551234567'], repeated: 1 })
  })

  test('of a file with quotes, semicolons and a byte order mark', () => {
    const table = tableOf('\uFEFFname;phone\r\n"Doe; ""J""";+15551234567\r\nAda;+15551234568\n')
    expect(table).toEqual({ columns: ['name', 'phone'], rows: [['Doe; "J"', '+15551234567'], ['Ada', '+15551234568']] })
    expect(numberColumn(table)).toBe(1)
    expect(numbersOf(table, 1).numbers).toEqual(['+15551234567', '+15551234568'])
  })

  test('a file without names of columns', () => {
    expect(tableOf('+15551234567\n+15551234568')).toEqual({ columns: ['1'], rows: [['+15551234567'], ['+15551234568']] })
  })
})

describe('marks', () => {
  test('characters that cost are pieces of their own', () => {
    expect(piecesOf('Don’t', 'ucs2', [quote]).map((piece) => [piece.text, piece.costly?.code_point])).toEqual([['Don', undefined], ['’', 'U+2019'], ['t', undefined]])
  })

  test.each([
    ['a'.repeat(160), 'gsm7', [] as Costly[], []],
    ['a'.repeat(161), 'gsm7', [], [153]],
    ['€'.repeat(81), 'gsm7', [euro], [76]],
    ['ж'.repeat(70), 'ucs2', [], []],
    ['ж'.repeat(135), 'ucs2', [], [67, 134]],
    ['😀'.repeat(36), 'ucs2', [], [33]],
  ])('parts of %s in %s', (text, encoding, costly, begins) => {
    let place = 0
    const found: number[] = []
    for (const piece of piecesOf(text, encoding, costly)) {
      if (piece.begins !== null) found.push(place)
      place += [...piece.text].length
    }
    expect(found).toEqual(begins)
  })

  test('look-alikes', () => {
    expect(replaced('Don’t pay 5 €', [quote, euro])).toBe("Don't pay 5 EUR")
    expect(replaced('☃', [{ ...quote, character: '☃', look_alike: null }])).toBe('☃')
  })
})

test('empty fields are left out', () => {
  expect(contentOf({ ...EMPTY, text: 'hi' })).toEqual({ text: 'hi' })
  expect(contentOf({ ...EMPTY, text: 'hi', from: ' Acme ', flash: true, scheduled_at: '2026-11-29T12:00' })).toEqual({
    text: 'hi', from: 'Acme', flash: true, scheduled_at: new Date('2026-11-29T12:00').toISOString(),
  })
})
