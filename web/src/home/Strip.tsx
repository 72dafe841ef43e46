// The messages of the last hour, minute by minute.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'

type Minute = { at: number; messages: number }

const HEIGHT = 48
const WIDTH = 8

export function Strip({ minutes }: { minutes: readonly Minute[] }): ReactNode {
  const t = useT()
  const format = useFormat()
  const most = Math.max(1, ...minutes.map((minute) => minute.messages))
  // How many they are in all is said above, of the same filters as the list: this span has whole minutes.
  const said = t('home.stripAbout', { most: format.number(Math.max(0, ...minutes.map((minute) => minute.messages))) })
  return (
    <figure className="o-strip">
      <svg viewBox={`0 0 ${minutes.length * WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={said}>
        {minutes.map((minute, place) => {
          const size = minute.messages === 0 ? 1 : Math.max(2, (minute.messages / most) * HEIGHT)
          return (
            // The last minute is not over.
            <rect key={minute.at} x={place * WIDTH + 1} y={HEIGHT - size} width={WIDTH - 2} height={size} data-none={minute.messages === 0} opacity={place === minutes.length - 1 ? 0.5 : 1}>
              <title>{`${format.short(minute.at)}: ${format.number(minute.messages)}`}</title>
            </rect>
          )
        })}
      </svg>
      <figcaption>
        <bdi>{t('home.hourAgo')}</bdi>
        <bdi>{said}</bdi>
        <bdi>{t('home.now')}</bdi>
      </figcaption>
    </figure>
  )
}
