// A text with elements in it: `<Rich id="x" values={{ link: <a>...</a> }} />`.
import { Fragment, type ReactNode } from 'react'
import { useT, type Values } from './i18n'
import type { Id } from './ids'

type Props = { id: Id; values: Record<string, ReactNode> }

export function Rich({ id, values }: Props): ReactNode {
  const t = useT()
  const names = Object.keys(values)
  // Characters that no text has mark the places of the elements.
  const marked: Values = Object.fromEntries(
    names.map((name, place) => {
      const value = values[name]
      return [name, typeof value === 'string' || typeof value === 'number' ? value : `\uE000${place}\uE001`]
    }),
  )
  const parts = t(id, marked).split(/\uE000(\d+)\uE001/)
  return parts.map((part, place) => (
    <Fragment key={place}>{place % 2 === 0 ? part : values[names[Number(part)] ?? '']}</Fragment>
  ))
}
