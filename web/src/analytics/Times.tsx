// How long do messages take? Half of them, and 95 of 100, from acceptance to the delivery report.
import { lazy, type ReactNode, Suspense } from 'react'
import { locale, useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { IdLink } from '../parts/IdLink'
import { NamedWords } from '../parts/Named'
import { Waiting } from '../parts/States'
import { Time } from '../parts/Values'
import { FigureTable } from './Bars'
import { type Point, pointsOf, type Row, splitOf } from './figures'
import { Counted } from './names'
import { Question } from './Question'
import { useCompared, useMarks, type View } from './useReports'
import { listOf, stepsOf } from './view'
import { floorTo, next } from './zones'

const TimesChart = lazy(() => import('./TimesChart').then((found) => ({ default: found.TimesChart })))

export function Times({ view }: { view: View }): ReactNode {
  const t = useT()
  const format = useFormat()
  const { spans, search, now } = view
  const found = useCompared(view, { step: spans.step, times: true })
  const whole = useCompared(view, { times: true })
  const marks = useMarks(spans)
  const split = splitOf(whole.now.data?.data[0])
  const steps = stepsOf(spans)
  const endOf = (at: number): number => Math.min(spans.end, next(floorTo(at, spans.step, spans.zone), spans.step, spans.zone))
  const last = steps.at(-1) ?? spans.start
  const points = (rows: Row[], before: Row[]): Point[] =>
    pointsOf(steps, rows, before, spans.later, now, next(floorTo(last, spans.step, spans.zone), spans.step, spans.zone))
  const duration = (milliseconds: number | null): string => (milliseconds === null ? '–' : format.duration(milliseconds))
  const listAt = (at: number) => listOf(search, { start: at, end: endOf(at) }, { status: ['delivered'] })
  const label = (at: number): string => stepName(at, spans.step, spans.zone, locale())

  return (
    <Question
      name="times"
      view={view}
      found={found}
      isEmpty={(rows) => rows.every((row) => row.delivery_seconds?.p50 == null)}
      answer={() => {
        const seconds = whole.now.data?.data[0]?.delivery_seconds
        const earlier = whole.before.data?.data[0]?.delivery_seconds
        if (seconds?.p50 == null || seconds.p95 == null) return '…'
        const values = { p50: format.duration(seconds.p50 * 1000), p95: format.duration(seconds.p95 * 1000) }
        return earlier?.p95 == null ? t('analytics.a.timesNew', values) : t('analytics.a.times', { ...values, before: format.duration(earlier.p95 * 1000) })
      }}
      chart={(rows, before) => (
        <>
          <Suspense fallback={<Waiting rows={6} height={38} />}>
            <TimesChart points={points(rows, before)} label={label} list={listAt} marks={marks.map(({ at }) => Math.max(...steps.filter((step) => step <= at)))} />
          </Suspense>
          {split !== null && (
            <p className="o-split">
              {t('analytics.split', {
                here: duration(split.here50), here95: duration(split.here95), after: duration(split.after50), after95: duration(split.after95),
              })}
            </p>
          )}
          {marks.length > 0 && (
            <ul className="o-marks" aria-label={t('analytics.marks')}>
              {marks.slice(0, 5).map((mark) => (
                <li key={mark.id}>
                  <Icon name={mark.kind === 'alert' ? 'bell' : 'pause'} size={14} /> <Time at={new Date(mark.at).toISOString()} as="short" />{' '}
                  {mark.kind === 'alert' ? <IdLink id={mark.id}><NamedWords plain>{mark.text}</NamedWords></IdLink> : t('analytics.paused', { what: mark.text })}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      table={(rows, before) => (
        <FigureTable
          label={t('analytics.q.times')}
          head={[t(`analytics.step.${spans.step}`), t('analytics.p50'), t('analytics.p95'), t('analytics.before50'), t('analytics.before95'), t('analytics.delivered')]}
          rows={points(rows, before).map((point) => ({
            key: String(point.at),
            cells: [
              point.open ? t('analytics.soFar', { time: label(point.at) }) : label(point.at),
              duration(point.p50), duration(point.p95), duration(point.before50), duration(point.before95),
              <Counted key="delivered" value={point.delivered} to={listAt(point.at)} />,
            ],
          }))}
        />
      )}
    />
  )
}

/** An hour, a day or a month as short as it can be. */
function stepName(at: number, step: 'hour' | 'day' | 'month', zone: string, language: string): string {
  const options: Intl.DateTimeFormatOptions =
    step === 'hour' ? { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
    : step === 'day' ? { weekday: 'short', day: 'numeric', month: 'short' }
    : { month: 'short', year: 'numeric' }
  return new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(at)
}
