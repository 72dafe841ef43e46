// A part of the page, with its heading.
import type { ReactNode } from 'react'

export function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section>
      <h2 className="o-section">{title}</h2>
      {children}
    </section>
  )
}
