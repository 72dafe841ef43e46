// The names of what figures are of, and numbers that lead to their lists.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { Ident, Money } from '../parts/Values'
import type { ListSearch } from './Bars'
import { type Amounts, decimal } from './figures'

export function useCountry(): (code: string | null) => string {
  const t = useT()
  return (code) => (code === null ? t('analytics.noCountry') : code === '001' ? t('analytics.worldwide') : countryName(code))
}

export function NetworkName({ network }: { network: string | null | undefined }): ReactNode {
  const t = useT()
  if (network === undefined) return t('analytics.allNetworks')
  return network === null ? t('analytics.noNetwork') : <Ident>{network}</Ident>
}

/** A number that leads to what it counts. */
export function Counted({ value, to }: { value: number; to: ListSearch | undefined }): ReactNode {
  const format = useFormat()
  const number = <bdi dir="ltr">{format.number(value)}</bdi>
  return to === undefined ? number : <TextLink to="/messages" search={to}>{number}</TextLink>
}

/** Amounts in all their currencies. */
export function Sums({ amounts }: { amounts: Amounts }): ReactNode {
  const found = [...amounts].filter(([, value]) => value !== 0)
  if (found.length === 0) return '–'
  return found.map(([currency, value], place) => (
    <span key={currency}>
      {place > 0 && ' + '}
      <Money amount={decimal(value)} currency={currency} />
    </span>
  ))
}

/** The same as text; empty if there is none. */
export function useSumsText(): (amounts: Amounts) => string {
  const format = useFormat()
  return (amounts) => [...amounts].filter(([, value]) => value !== 0).map(([currency, value]) => format.money(decimal(value), currency)).join(' + ')
}
