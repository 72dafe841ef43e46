// What the form for an adjustment sends, and what its amount does to the balance.
import type { components } from '../api/schema'
import type { Account } from './account'

type Body = components['schemas']['NewAdjustment']

/** Empty fields are left out; what is no amount goes to the API as it is, which says what is wrong. */
export function adjustmentOf(account: Pick<Account, 'id' | 'currency'>, values: { amount: string; reason: string; reference: string }): Body {
  const reference = values.reference.trim()
  return { account_id: account.id, amount: values.amount.trim(), currency: account.currency, reason: values.reason.trim(), ...(reference === '' ? {} : { reference }) }
}

/** Whether an amount adds to the balance or takes from it, and how much. null: it is no amount yet. */
export function directionOf(amount: string): { does: 'adds' | 'takes'; amount: string } | null {
  const [, sign, digits] = /^(-?)(\d+(?:\.\d+)?)$/.exec(amount.trim()) ?? []
  if (digits === undefined || /^[0.]+$/.test(digits)) return null
  return { does: sign === '-' ? 'takes' : 'adds', amount: digits }
}
