// Single values: a time, money, a phone number, an id, a code. Each keeps its own direction in a text of another one.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from './format'

export { Ident, ServerWords, Words } from './Ident'
export { Time } from './Time'

/** An amount as the API writes it. */
export function Money({ amount, currency }: { amount: string; currency: string }): ReactNode {
  const format = useFormat()
  return <bdi dir="ltr">{format.money(amount, currency)}</bdi>
}

export function Count({ value }: { value: number }): ReactNode {
  const format = useFormat()
  return <bdi dir="ltr">{format.number(value)}</bdi>
}

/** A phone number, short code or sender's name. */
export function PhoneNumber({ value }: { value: string | null | undefined }): ReactNode {
  return value ? <bdi dir="ltr">{value}</bdi> : '–'
}

export function Nothing(): ReactNode {
  const t = useT()
  return (
    <>
      <span aria-hidden="true">–</span>
      <span className="o-visually-hidden">{t('parts.none')}</span>
    </>
  )
}
