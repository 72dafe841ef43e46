// What people call a thing, with the API's own name small below: rights of keys, types of events.
import type { ReactNode } from 'react'
import { Ident } from './Ident'

type Props = { /** The API's name. */ name: string; /** In the person's words. null if there are none: of a newer server. */ word: string | null }

export function NamedWord({ name, word }: Props): ReactNode {
  if (word === null) return <Ident>{name}</Ident>
  return (
    <span className="o-named-word">
      {word} <small><Ident>{name}</Ident></small>
    </span>
  )
}

/** Several of them. */
export function WordList({ of }: { of: readonly Props[] }): ReactNode {
  return (
    <ul className="o-word-list">
      {of.map((each) => <li key={each.name}><NamedWord {...each} /></li>)}
    </ul>
  )
}
