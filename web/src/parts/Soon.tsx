// What a lazy part looks like until it is there. It keeps the place, so that nothing beside it moves, and does nothing yet.
import type { ReactNode } from 'react'

/** Buttons without what they open. */
export const Soon = ({ children }: { children: ReactNode }): ReactNode => (
  <span inert className="o-soon">
    {children}
  </span>
)
