// What is left of the money? Price, cost and margin by carrier or country, and over all accounts by account, where the
// bars are what each one spent: for the operator, who alone sees costs.
import { SegmentedControl } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useAccounts } from '../accounts/useAccounts'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { NONE } from '../messages/shape'
import { useFormat } from '../parts/format'
import { Named } from '../parts/Named'
import { Money, Words } from '../parts/Values'
import { Bars, FigureTable, type ListSearch } from './Bars'
import { type Amounts, decimal, type Group, groupsOf, leastMargin, type Margin, marginOf, PAST_WAITING, type Row, together } from './figures'
import { Counted, Sums, useCountry } from './names'
import { Question } from './Question'
import { useCompared, type View } from './useReports'
import { listOf } from './view'

type By = 'carrier' | 'country' | 'account'
type Priced = Group & { margin: Margin | null; past: { price: Amounts; cost: Amounts } }

const NOTHING: Priced['past'] = { price: new Map(), cost: new Map() }

/** By carrier, country or account, without what no carrier has had. */
function pricedOf(rows: readonly Row[], before: readonly Row[], by: By): Priced[] {
  const valueOf = (row: Row): string | null => row[by] ?? null
  const past = new Map(groupsOf(before, [], valueOf, PAST_WAITING).map((group) => [group.value, group]))
  return groupsOf(rows, before, valueOf, PAST_WAITING)
    .filter(({ value, price, cost }) => (by !== 'carrier' || value !== null) && price.size + cost.size > 0)
    .map((group) => ({ ...group, margin: marginOf(group.price, group.cost), past: past.get(group.value) ?? NOTHING }))
}

export function MoneyQuestion({ view }: { view: View }): ReactNode {
  const t = useT()
  const format = useFormat()
  const navigate = useNavigate({ from: '/analytics' })
  const countryOf = useCountry()
  const me = useMe()
  const everyAccount = view.search.accounts === 'all'
  const by: By = view.search.money === 'account' && !everyAccount ? 'carrier' : (view.search.money ?? 'carrier')
  const { nameOf } = useAccounts(undefined, by === 'account')
  const found = useCompared(view, { by: `${by},status` })
  const text = (value: string | null): string => (by === 'country' ? countryOf(value) : by === 'account' ? (nameOf(value ?? '') ?? value ?? '') : (value ?? ''))
  const name = (value: string | null): ReactNode => (by === 'country' ? countryOf(value) : by === 'account' ? <Named id={value ?? ''} name={nameOf(value ?? '')} /> : <Words>{value ?? ''}</Words>)
  // The messages of an account are shown in that account, by who may act there.
  const listFor = ({ value }: Group): ListSearch | undefined => {
    const status = [...PAST_WAITING]
    if (by === 'country') return listOf(view.search, view.spans, { country: value ?? NONE, status })
    if (by === 'carrier') return listOf(view.search, view.spans, { carrier: value ?? undefined, status })
    const list = listOf({ ...view.search, accounts: undefined }, view.spans, { status })
    if (value === me.account_id) return list
    return value !== null && me.scopes.includes('subaccounts:enter') ? { ...list, account: value } : undefined
  }
  const amount = ({ currency, amount: value }: Margin): string => format.money(decimal(value), currency)

  return (
    <Question
      name="money"
      view={view}
      found={found}
      isEmpty={(rows) => pricedOf(rows, [], by).length === 0}
      choices={
        <SegmentedControl
          size="xs"
          aria-label={t('analytics.by')}
          value={by}
          onChange={(to) => void navigate({ search: (all) => ({ ...all, money: to === 'carrier' ? undefined : (to as 'country' | 'account') }), resetScroll: false })}
          data={[{ value: 'carrier', label: t('analytics.f.carrier') }, { value: 'country', label: t('analytics.f.country') }, ...(everyAccount ? [{ value: 'account', label: t('analytics.f.account') }] : [])]}
        />
      }
      answer={(rows, before) => {
        const all = pricedOf(rows, before, by)
        const margin = marginOf(together(all.map(({ price }) => price)), together(all.map(({ cost }) => cost)))
        if (margin === null) return t('analytics.a.currencies')
        if (margin.cost === 0) return t('analytics.a.noCosts', { amount: format.money(decimal(margin.price), margin.currency) })
        const least = leastMargin(all)
        const values = { amount: amount(margin), share: margin.share === null ? '–' : format.percent(margin.share) }
        if (least?.margin.share == null || all.length < 2) return t('analytics.a.moneyAll', values)
        return t('analytics.a.money', { ...values, least: text(least.value), leastShare: format.percent(least.margin.share) })
      }}
      chart={(rows, before) => {
        const all = pricedOf(rows, before, by)
        // One axis has one currency: that of most messages.
        // What an account spends are its prices. They are shown as well where no cost is known.
        const what = by !== 'account' && all.some(({ cost }) => cost.size > 0) ? 'cost' : 'price'
        const currency = all.find((group) => group[what].size > 0)?.[what].keys().next().value ?? ''
        const amounts = all.filter((group) => group[what].has(currency)).toSorted((a, b) => (b[what].get(currency) ?? 0) - (a[what].get(currency) ?? 0))
        return (
          <Bars
            label={t('analytics.q.money')}
            axis={what === 'cost' ? t('analytics.axisCost', { currency }) : t('analytics.axisPrice', { currency })}
            bars={amounts.map((group) => ({
              key: group.value ?? '',
              name: name(group.value),
              about: t('analytics.count', { count: group.messages }),
              value: group[what].get(currency) ?? 0,
              before: before.length > 0 ? (group.past[what].get(currency) ?? 0) : null,
              text: <Money amount={decimal(group[what].get(currency) ?? 0)} currency={currency} />,
              more: group.margin === null ? t('analytics.twoCurrencies') : t('analytics.margin', { amount: amount(group.margin), share: group.margin.share === null ? '–' : format.percent(group.margin.share) }),
              to: listFor(group),
              tone: group.margin !== null && group.margin.amount < 0 ? 'bad' : undefined,
            }))}
          />
        )
      }}
      table={(rows, before) => (
        <FigureTable
          label={t('analytics.q.money')}
          head={[t(`analytics.f.${by}`), t('analytics.messages'), t('analytics.price'), t('analytics.cost'), t('analytics.marginHead'), t('analytics.share')]}
          rows={pricedOf(rows, before, by).map((group) => ({
            key: group.value ?? '',
            cells: [
              name(group.value),
              <Counted key="messages" value={group.messages} to={listFor(group)} />,
              <Sums key="price" amounts={group.price} />,
              <Sums key="cost" amounts={group.cost} />,
              group.margin === null ? t('analytics.twoCurrencies') : <Money key="margin" amount={decimal(group.margin.amount)} currency={group.margin.currency} />,
              group.margin?.share == null ? '–' : format.percent(group.margin.share),
            ],
          }))}
        />
      )}
    />
  )
}
