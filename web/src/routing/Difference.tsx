// Two versions of something beside each other: of a route, field by field, and of the order of all routes.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Count, Ident, Nothing } from '../parts/Values'
import { type Body, differences, type Field } from './draft'
import { movesBetween } from './order'
import { type Match, type Route, tokensOf } from './route'
import { RouteState, Shares } from './Told'

/** `before` is null for a new route, `after` for one that goes. */
export function Difference({ before, after }: { before: Body | null; after: Body | null }): ReactNode {
  const t = useT()
  const fields = differences(before, after)
  return (
    <div className="o-difference-box" tabIndex={0} role="region" aria-label={t('routing.difference')}>
      <table className="o-difference">
        <thead>
          <tr>
            <th scope="col">{t('routing.field')}</th>
            <th scope="col">{t('routing.now')}</th>
            <th scope="col">{t('routing.then')}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field}>
              <th scope="row">{t(nameOf(field))}</th>
              <td data-side={t('routing.now')}>
                <Said body={before} other={after} field={field} />
              </td>
              <td data-side={t('routing.then')}>
                <Said body={after} other={before} field={field} added />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const nameOf = (field: Field) =>
  field === 'name' || field === 'priority' || field === 'carriers' ? (`routing.${field}` as const) : field === 'enabled' ? 'routing.state' : (`routing.filter.${field}` as const)

type SaidProps = { body: Body | null; other: Body | null; field: Field; added?: boolean }

function Said({ body, other, field, added = false }: SaidProps): ReactNode {
  if (body === null) return <Nothing />
  switch (field) {
    case 'name':
      return <bdi dir="auto">{body.name}</bdi>
    case 'priority':
      return <Count value={body.priority} />
    case 'enabled':
      return <RouteState enabled={body.enabled} />
    case 'carriers':
      return <Shares carriers={body.carriers} />
    default: {
      const values = listOf(body.match, field)
      const others = new Set(other === null ? [] : listOf(other.match, field))
      if (values.length === 0) return <Nothing />
      // What only one side has is marked in a way that a screen reader tells, too.
      const Mark = added ? 'ins' : 'del'
      return (
        <ul className="o-match">
          {values.map((value) => (
            <li key={value}>{others.has(value) || other === null ? <Ident>{value}</Ident> : <Mark><Ident>{value}</Ident></Mark>}</li>
          ))}
        </ul>
      )
    }
  }
}

const listOf = (match: Match, kind: string): string[] => tokensOf(match).find((token) => token.kind === kind)?.values ?? []

/** The order that holds, and the new one: what was moved is marked with both places. */
export function OrderDifference({ before, after }: { before: readonly Route[]; after: readonly Route[] }): ReactNode {
  const t = useT()
  const moves = movesBetween(before.map(({ id }) => id), after.map(({ id }) => id))
  const side = (title: string, routes: readonly Route[], placed: boolean): ReactNode => (
    <section>
      <h3>{title}</h3>
      <ol className="o-order-side">
        {routes.map((route) => {
          const move = moves.find(({ id }) => id === route.id)
          return (
            <li key={route.id} data-moved={move !== undefined || undefined}>
              <bdi dir="auto">{route.name}</bdi> {move !== undefined && placed && <small>{t('routing.movedFrom', { from: move.from, to: move.to })}</small>}
            </li>
          )
        })}
      </ol>
    </section>
  )
  return (
    <div className="o-order-sides">
      {side(t('routing.now'), before, false)}
      {side(t('routing.then'), after, true)}
    </div>
  )
}
