// Numbers by what they are of, as bars from zero: the longest first, with a mark where the period before was.
//
// It is a list, so that each bar is a link with words; colour says nothing that its words do not.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { TextLink } from '../parts/Link'
import type { MessagesSearch } from '../messages/shape'

/** The list behind a number; `account` is the account in which it is. */
export type ListSearch = MessagesSearch & { account?: string }

export type Bar = {
  key: string
  name: ReactNode
  about?: ReactNode
  value: number
  /** The value of the period before; null if there is none to compare with. */
  before: number | null
  /** The value in words, and what else belongs beside it. */
  text: ReactNode
  more?: ReactNode
  /** The list that it counts; absent if no list has exactly these. */
  to?: ListSearch
  tone?: 'bad'
}

const MOST = 10

export function Bars({ bars, label, axis }: { bars: readonly Bar[]; label: string; axis: string }): ReactNode {
  const t = useT()
  const shown = bars.slice(0, MOST)
  const most = Math.max(1e-9, ...shown.map(({ value, before }) => Math.max(value, before ?? 0)))
  // React's types know no variables of CSS.
  const at = (value: number): React.CSSProperties => ({ '--part': `${(Math.max(0, value) / most) * 100}%` }) as React.CSSProperties
  return (
    <>
      <ol className="o-bars" aria-label={label}>
        {shown.map((bar) => (
          <li key={bar.key} data-tone={bar.tone}>
            <div className="o-bar-name">
              {bar.name}
              {bar.about !== undefined && <span className="o-bar-about">{bar.about}</span>}
            </div>
            <div className="o-bar-track" aria-hidden="true">
              <span className="o-bar-fill" style={at(bar.value)} />
              {bar.before !== null && <span className="o-bar-before" style={at(bar.before)} />}
            </div>
            <div className="o-bar-text">
              {bar.to === undefined ? bar.text : <TextLink to="/messages" search={bar.to} className="o-bar-link">{bar.text}</TextLink>}
              {bar.more !== undefined && <span className="o-bar-about">{bar.more}</span>}
            </div>
          </li>
        ))}
      </ol>
      <p className="o-legend">
        <span className="o-legend-fill" aria-hidden="true" /> {axis}
        {shown.some(({ before }) => before !== null) && (
          <>
            <span className="o-legend-before" aria-hidden="true" /> {t('analytics.before')}
          </>
        )}
        {bars.length > MOST && <span>{t('analytics.others', { count: bars.length - MOST })}</span>}
      </p>
    </>
  )
}

/** The same figures as a table. */
export function FigureTable({ label, head, rows }: { label: string; head: readonly string[]; rows: readonly { key: string; cells: readonly ReactNode[] }[] }): ReactNode {
  return (
    <div className="o-table-frame" tabIndex={0} role="region" aria-label={label}>
      <table className="o-table o-figures-table">
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...others] }) => (
            <tr key={key}>
              <th scope="row">{first}</th>
              {others.map((cell, place) => (
                <td key={head[place + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
