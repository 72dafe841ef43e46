// Facts about one thing: names beside values.
import type { ReactNode } from 'react'
import './parts.css'

export function Facts({ facts }: { facts: [name: ReactNode, value: ReactNode][] }): ReactNode {
  return (
    <dl className="o-facts">
      {facts.map(([name, value], place) => (
        <div key={typeof name === 'string' ? name : place}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
