// The lines of delivery times. In a part of its own, because it brings the charts.
//
// Rules kept here:
// - one axis, from zero; time runs from the left in every language;
// - lines differ by their dashes and marks, too; the period before is dotted, and a step that is not over is dashed;
// - a step leads to the messages that it counts; the table beside it has the same links for the keyboard.
import { LineChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import type { MessagesSearch } from '../messages/shape'
import { useFormat } from '../parts/format'
import type { Point } from './figures'

type Props = { points: readonly Point[]; label: (at: number) => string; list: (at: number) => MessagesSearch; marks: readonly number[] }

type Drawn = Point & { open50: number | null; open95: number | null }

/** The last step, if it is not over, as a line of its own that begins where the others end. */
export function drawn(points: readonly Point[]): Drawn[] {
  const open = points.at(-1)?.open === true
  return points.map((point, place) => {
    const joins = open && place >= points.length - 2
    const closed = !(open && place === points.length - 1)
    return { ...point, p50: closed ? point.p50 : null, p95: closed ? point.p95 : null, open50: joins ? point.p50 : null, open95: joins ? point.p95 : null }
  })
}

const P50 = 'var(--onesixty-info)'
const P95 = 'var(--onesixty-warn)'

export function TimesChart({ points, label, list, marks }: Props): ReactNode {
  const t = useT()
  const format = useFormat()
  const navigate = useNavigate()
  const open = (index: unknown): void => {
    const point = points[Number(index ?? Number.NaN)]
    if (point !== undefined && point.delivered > 0) void navigate({ to: '/messages', search: list(point.at) })
  }
  return (
    <figure className="o-chart">
      <LineChart
        h={260}
        data={drawn(points)}
        dataKey="at"
        curveType="linear"
        connectNulls={false}
        strokeWidth={2}
        series={[
          { name: 'before50', color: P50, strokeDasharray: '1 5' },
          { name: 'before95', color: P95, strokeDasharray: '1 5' },
          { name: 'p50', color: P50 },
          { name: 'p95', color: P95 },
          { name: 'open50', color: P50, strokeDasharray: '6 4' },
          { name: 'open95', color: P95, strokeDasharray: '6 4' },
        ]}
        lineProps={({ name }) => (name.startsWith('before') ? { dot: false, activeDot: false } : name.endsWith('95') ? { dot: { r: 3, fill: P95, strokeDasharray: '0' } } : { dot: { r: 3, fill: 'var(--mantine-color-body)', strokeDasharray: '0' } })}
        xAxisProps={{ tickFormatter: (at: number) => label(at), minTickGap: 28 }}
        yAxisProps={{ domain: [0, 'auto'], width: 72 }}
        valueFormatter={(value) => format.duration(value)}
        referenceLines={[...new Set(marks)].map((at) => ({ x: at, color: 'var(--onesixty-bad)', strokeDasharray: '3 3' }))}
        lineChartProps={{ onClick: ({ activeTooltipIndex }) => open(activeTooltipIndex), title: t('analytics.q.times') }}
        tooltipProps={{ content: ({ payload }) => <Tip point={pointIn(payload)} label={label} /> }}
      />
      <figcaption className="o-legend">
        <Sample color={P50} /> {t('analytics.p50')}
        <Sample color={P95} filled /> {t('analytics.p95')}
        <Sample color="currentcolor" dashes="1 5" /> {t('analytics.before')}
        {points.at(-1)?.open === true && <><Sample color="currentcolor" dashes="6 4" /> {t('analytics.open')}</>}
        <span>{t('analytics.clickStep')}</span>
      </figcaption>
    </figure>
  )
}

/** A line of the legend as it is drawn. */
function Sample({ color, dashes, filled }: { color: string; dashes?: string; filled?: boolean }): ReactNode {
  return (
    <svg width={26} height={10} aria-hidden="true" className="o-sample">
      <line x1={0} x2={26} y1={5} y2={5} stroke={color} strokeWidth={2} strokeDasharray={dashes} />
      {dashes === undefined && <circle cx={13} cy={5} r={3} stroke={color} fill={filled === true ? color : 'var(--mantine-color-body)'} />}
    </svg>
  )
}

/** The point that a tooltip is about: the chart hands over its lines there, each with the point. */
function pointIn(payload: unknown): Drawn | null {
  const [first] = Array.isArray(payload) ? (payload as { payload?: Drawn }[]) : []
  return first?.payload ?? null
}

function Tip({ point, label }: { point: Drawn | null; label: (at: number) => string }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (point === null) return null
  const time = (value: number | null): string => (value === null ? '–' : format.duration(value))
  const { open50, open95, p50, p95, before50, before95 } = point
  return (
    <div className="o-tip">
      <strong>{label(point.at)}</strong>
      <span>{t('analytics.p50')}: {time(p50 ?? open50)} ({time(before50)})</span>
      <span>{t('analytics.p95')}: {time(p95 ?? open95)} ({time(before95)})</span>
      <span>{t('analytics.delivered')}: {format.number(point.delivered)}</span>
    </div>
  )
}
