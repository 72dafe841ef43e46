// A word that shows over an element while one points at it. Until one first does, nothing of it is there: a list has
// hundreds of them, and each costs as much as its row.
import { Tooltip } from '@mantine/core'
import { type PointerEvent, type ReactNode, useState } from 'react'
import { useFormat } from './format'

type Pointed = { onPointerEnter: (event: PointerEvent<HTMLElement>) => void }

/** The properties of the element, and what to put beside it. `label` is asked once somebody points at it. */
export function useTip(label: () => ReactNode): [element: Pointed, tip: ReactNode] {
  const [target, setTarget] = useState<HTMLElement | null>(null)
  const tip = target !== null && <Tooltip target={target} defaultOpened label={label()} multiline maw={320} events={{ hover: true, focus: false, touch: true }} />
  return [{ onPointerEnter: ({ currentTarget }) => setTarget(currentTarget) }, tip]
}

/** A number of things, such as "3 rights"; which ones, while one points at it. */
export function ListTip({ words, children }: { words: () => string[]; children: ReactNode }): ReactNode {
  const format = useFormat()
  const [pointed, tip] = useTip(() => format.list(words()))
  return (
    <>
      <span {...pointed}>{children}</span>
      {tip}
    </>
  )
}
