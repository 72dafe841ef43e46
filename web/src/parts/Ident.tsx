// Ids, words of people and words of the server: each keeps its own direction in a text of another one.
import type { ReactNode } from 'react'

/** An id, a code, or anything else that a program wrote. */
export function Ident({ children }: { children: string | null | undefined }): ReactNode {
  return children ? (
    <bdi dir="ltr" className="o-ident">
      {children}
    </bdi>
  ) : (
    '–'
  )
}

/** The text of a message, or any other that a person wrote. */
export function Words({ children }: { children: string }): ReactNode {
  return <bdi dir="auto">{children}</bdi>
}

/** What the server says in English. */
export function ServerWords({ children }: { children: string }): ReactNode {
  return (
    <bdi lang="en" dir="ltr">
      <Marked>{children}</Marked>
    </bdi>
  )
}

/** What stands between backticks is code: the only mark-up of the server's words. */
export function Marked({ children }: { children: string }): ReactNode {
  return children.split(/`([^`\n]+)`/).map((part, place) => (place % 2 === 1 ? <code key={place} dir="ltr">{part}</code> : part))
}
