// Single keys: `/` to the filter, `g k` to a page, the letters of the page, `?` for the list of them. They can be
// switched off (WCAG 2.1.4); the list is then in the menu of the user.
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { lettersNow, onShowShortcuts } from '../app/letters'
import { usePreference } from '../app/preferences'
import { useMe } from '../app/session'
import { entriesFor } from './Navigation'

const ShortcutsDialog = lazy(() => import('./ShortcutsDialog').then((found) => ({ default: found.ShortcutsDialog })))

const SECOND_KEY_MS = 1_500

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select, [role=combobox]'))

export function Shortcuts(): ReactNode {
  const me = useMe()
  const navigate = useNavigate()
  const on = usePreference('letters', 'on') === 'on'
  const [shown, setShown] = useState(false)
  const first = useRef(Number.NEGATIVE_INFINITY)
  const entries = entriesFor(me)

  useEffect(() => onShowShortcuts(() => setShown(true)), [])

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!on || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('[role=dialog]') !== null) return
      const second = event.timeStamp - first.current < SECOND_KEY_MS
      first.current = event.key === 'g' && !second ? event.timeStamp : Number.NEGATIVE_INFINITY
      if (second) {
        const entry = entries.find(({ letter }) => letter === event.key)
        if (entry !== undefined) void navigate({ to: entry.to })
      } else if (event.key === '?') {
        setShown(true)
      } else if (event.key === '/') {
        const filter = document.querySelector<HTMLElement>('[data-filter]')
        if (filter === null) return
        event.preventDefault()
        filter.focus()
      } else {
        lettersNow().find(({ key, run }) => key === event.key && run !== undefined)?.run?.()
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [on, entries, navigate])

  return shown ? (
    <Suspense>
      <ShortcutsDialog onClose={() => setShown(false)} />
    </Suspense>
  ) : null
}
