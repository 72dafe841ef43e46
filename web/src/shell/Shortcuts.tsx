// Single keys: `/` to the filter, `g k` to a page, `z` for UTC and back, the letters of the page, `?` for the list of
// them. They can be switched off (WCAG 2.1.4); the list is then in the menu of the user.
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { lettersNow, onShowShortcuts, useLetters } from '../app/letters'
import { preferences, usePreference } from '../app/preferences'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { notify } from '../parts/Notices'
import { entriesFor } from './Navigation'

const ShortcutsDialog = lazy(() => import('./ShortcutsDialog').then((found) => ({ default: found.ShortcutsDialog })))

const SECOND_KEY_MS = 1_500

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select, [role=combobox]'))

/** Times in UTC for a screenshot or a ticket, and back to the zone before. */
function useZoneLetter(): void {
  const t = useT()
  const zone = usePreference('zone', 'local')
  const before = useRef('local')
  const run = (): void => {
    if (zone !== 'UTC') before.current = zone
    const to = zone === 'UTC' ? before.current : 'UTC'
    preferences.set('zone', to)
    notify(t('shell.zoneNow', { zone: to === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : to }))
  }
  useLetters([{ key: 'z', label: t('shell.zoneSwitch'), run }])
}

export function Shortcuts(): ReactNode {
  const me = useMe()
  const navigate = useNavigate()
  const on = usePreference('letters', 'on') === 'on'
  const [shown, setShown] = useState(false)
  const first = useRef(Number.NEGATIVE_INFINITY)
  const entries = entriesFor(me)

  useZoneLetter()
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
