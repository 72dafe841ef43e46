// A time: relative in lists, whole on pages of their own, in the zone of the person.
import { type ReactNode, useSyncExternalStore } from 'react'
import { useFormat } from './format'
import { useTip } from './Tip'

let now = Date.now()
const tellers = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null

function followNow(teller: () => void): () => void {
  tellers.add(teller)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of tellers) each()
  }, 30_000)
  return () => {
    tellers.delete(teller)
    if (tellers.size === 0 && timer !== null) {
      clearInterval(timer)
      timer = null
    }
  }
}

/** The time, to half a minute: one timer for all relative times of a page. */
export function useNow(): number {
  if (timer === null && Date.now() - now > 1_000) now = Date.now()
  return useSyncExternalStore(followNow, () => now)
}

type TimeProps = {
  at: string | null | undefined
  /** `relative` for lists, `short` for dense lists, `absolute` for a page of its own. */
  as?: 'relative' | 'short' | 'absolute'
  /** What is shown without a time. */
  never?: string
}

/** A time. The other form is shown while one points at it. */
export function Time({ at, as = 'relative', never = '–' }: TimeProps): ReactNode {
  const format = useFormat()
  const moment = useNow()
  // Just now is not in the future, however the clocks differ by a little.
  const relative = (when: string): string => format.relative(when, Math.max(moment, Math.min(new Date(when).getTime(), moment + 60_000)))
  const [pointed, tip] = useTip(() => at && (as === 'absolute' ? relative(at) : format.moment(at)))
  if (at === null || at === undefined) return never
  return (
    <>
      <time dateTime={at} {...pointed}>
        {as === 'relative' ? relative(at) : as === 'short' ? format.short(at) : format.moment(at)}
      </time>
      {tip}
    </>
  )
}
