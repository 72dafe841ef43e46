// Single letters that a part of the page gives a meaning: `j` for the next row of a list. The shell listens to the
// keyboard (`shell/Shortcuts.tsx`), calls them unless they are switched off, and names them in its list of shortcuts.
import { useEffect, useRef } from 'react'

export type Letter = {
  key: string
  /** What it does, for the list of shortcuts. */
  label: string
  /** Left out: the key does it by itself (Enter on a link). */
  run?: () => void
}

type Held = { current: readonly Letter[] }

const held = new Set<Held>()

/** The letters of a part, while it is shown. Of two parts with one letter, the one that was shown last has it. */
export function useLetters(letters: readonly Letter[]): void {
  const latest = useRef(letters)
  useEffect(() => {
    latest.current = letters
  })
  useEffect(() => {
    held.add(latest)
    return () => void held.delete(latest)
  }, [])
}

/** The letters that mean something now, each once. */
export function lettersNow(): Letter[] {
  const found = new Map<string, Letter>()
  for (const { current } of held) for (const letter of current) found.set(letter.key, letter)
  return [...found.values()]
}

let shows: (() => void) | null = null

/** Who shows the list of shortcuts. */
export function onShowShortcuts(show: () => void): () => void {
  shows = show
  return () => {
    if (shows === show) shows = null
  }
}

export const showShortcuts = (): void => shows?.()
