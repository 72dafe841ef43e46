// What a message would be, asked while one types: not more often than the hand stops, and the last answer stays.
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { isRefusal } from '../api/problem'
import { take } from '../api/client'
import { useApi } from '../app/session'
import type { Order } from './order'
import type { Preview } from './parts'

const PAUSE_MS = 150
/** Stands for the recipient while there is none: what is said of it is not shown. */
const NOBODY = '+15000160001'

export type Refused = { detail: string; param: string | null; code: string; doc_url: string }
export type Previewed = { preview: Preview | null; refusal: Refused | null; addressed: boolean }

/** `to` may be empty: then the text alone is counted. */
export function usePreview(order: Order): Previewed {
  const api = useApi()
  const empty = order.template == null && (order.text ?? '') === ''
  const addressed = order.to.trim() !== ''
  const written = JSON.stringify({ ...order, to: addressed ? order.to.trim() : NOBODY })
  const [settled] = useDebouncedValue(written, PAUSE_MS)
  const { data, error } = useQuery({
    queryKey: ['preview', settled],
    // It is the text of an `Order` from above.
    queryFn: ({ signal }) => take(api.POST('/v1/sms/preview', { body: JSON.parse(settled) as Order, signal })),
    enabled: !empty,
    placeholderData: (before) => before,
    staleTime: 30_000,
    retry: false,
  })
  const problem = isRefusal(error) ? error.problem : data?.refusal
  return {
    preview: empty ? null : (data ?? null),
    refusal: empty || problem === null || problem === undefined || !addressed ? null : { ...problem, param: problem.param },
    addressed,
  }
}
