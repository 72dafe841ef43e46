// How ranges are read from text.
import { expect, it } from 'vitest'
import { networkParts, rangesIn } from './number'

it('reads a range a line, whatever stands between prefix and network', () => {
  const { ranges, odd } = rangesIn('49151,26201\r\n+49152;26202\n1555\t310260\n "447700" , "234-15" \n\n55 724 05')
  expect(ranges).toEqual([
    { prefix: '49151', network: '26201' }, { prefix: '49152', network: '26202' }, { prefix: '1555', network: '310260' },
    { prefix: '447700', network: '23415' }, { prefix: '55', network: '72405' },
  ])
  expect(odd).toEqual([])
})

it('says which lines are no range, and lets the last one of a prefix count', () => {
  const { ranges, odd } = rangesIn('prefix,network\n049,26201\n49151,262\n49151,26201\n49151,26203')
  expect(odd).toEqual(['prefix,network', '049,26201', '49151,262'])
  expect(ranges).toEqual([{ prefix: '49151', network: '26203' }])
})

it('shows a network by its two codes', () => {
  expect(networkParts('310260')).toBe('310 260')
})
