// The segments of the last hour, minute by minute: what the carrier took, and above it what it did not.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import type { Slot } from './carrier'

const WIDTH = 6
const HEIGHT = 40

export function RateStrip({ slots, name }: { slots: readonly Slot[]; name: string }): ReactNode {
  const t = useT()
  const format = useFormat()
  const most = Math.max(1, ...slots.map((slot) => slot.taken + slot.not))
  const sum = (of: 'taken' | 'not'): string => format.number(slots.reduce((all, slot) => all + slot[of], 0))
  const said = t('carriers.hour', { taken: sum('taken'), not: sum('not') })
  const size = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT))
  return (
    <figure className="o-rates">
      <svg viewBox={`0 0 ${slots.length * WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${name}: ${said}`}>
        {slots.map((slot, place) => {
          const taken = size(slot.taken)
          const not = size(slot.not)
          return (
            <g key={slot.at}>
              <title>{`${format.short(slot.at)}: ${t('carriers.minute', { taken: format.number(slot.taken), not: format.number(slot.not) })}`}</title>
              <rect className="o-rates-none" x={place * WIDTH + 0.5} y={HEIGHT - 1} width={WIDTH - 1} height={1} />
              <rect className="o-rates-taken" x={place * WIDTH + 0.5} y={HEIGHT - taken} width={WIDTH - 1} height={taken} />
              <rect className="o-rates-not" x={place * WIDTH + 0.5} y={Math.max(0, HEIGHT - taken - not)} width={WIDTH - 1} height={Math.min(not, HEIGHT - taken)} />
            </g>
          )
        })}
      </svg>
      <figcaption>{said}</figcaption>
    </figure>
  )
}
