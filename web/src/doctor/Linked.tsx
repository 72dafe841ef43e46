// What a check found, with links to what it names: carriers by their names, webhooks in their accounts, the nodes.
import { Fragment, type ReactNode } from 'react'
import { Ident } from '../parts/Ident'
import { TextLink } from '../parts/Link'
import { NamedText } from '../parts/Named'
import { type Place, placesIn } from './links'

/** A name between backticks, or the id of a webhook. */
const NAMES = /(`[^`\n]+`|\bwhk_[0-9a-z]{26}\b)/

export function Linked({ values, children }: { values: Record<string, unknown>; children: string }): ReactNode {
  const places = placesIn(values)
  return children.split(NAMES).map((part, at) => {
    const name = part.replaceAll('`', '')
    const place = at % 2 === 1 ? places.get(name) : undefined
    return <Fragment key={at}>{place === undefined ? <NamedText>{part}</NamedText> : <To place={place}><Ident>{name}</Ident></To>}</Fragment>
  })
}

function To({ place, children }: { place: Place; children: ReactNode }): ReactNode {
  if ('carrier' in place) return <TextLink to="/carriers/$id" params={{ id: place.carrier }}>{children}</TextLink>
  if ('webhook' in place) return <TextLink to="/webhooks/$id" params={{ id: place.webhook }} search={{ account: place.account }}>{children}</TextLink>
  return <TextLink to="/settings" search={{ view: 'nodes' }}>{children}</TextLink>
}
