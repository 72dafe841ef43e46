// The navigation at the side.
import { Link, useRouterState } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Operation, OPERATIONS } from '../api/scopes'
import { CONSOLE_PATH } from '../app/places'
import { type Me, refusedTo, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { ENTRIES, type Entry, GROUPS } from './navigation'

/** The entries of who may read their pages. */
export const entriesFor = (me: Me): Entry[] =>
  ENTRIES.filter(({ reads, unless }) => (reads === undefined || has(me, reads)) && (unless === undefined || !has(me, unless)))

/** Whether one has the right; some pages then only need the other mode. */
const has = (me: Me, operation: Operation): boolean => refusedTo(me, OPERATIONS[operation])?.why !== 'scope'

export function Navigation(): ReactNode {
  const t = useT()
  const me = useMe()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const here = `/${path.startsWith(CONSOLE_PATH) ? path.slice(CONSOLE_PATH.length) : path.replace(/^\//, '')}`
  const entries = entriesFor(me)
  return (
    <nav aria-label={t('shell.navigation')} className="o-navigation">
      {GROUPS.map((group) => {
        const found = entries.filter((entry) => entry.group === group)
        if (found.length === 0) return null
        return (
          <section key={group} aria-labelledby={`group-${group}`}>
            <h2 id={`group-${group}`} className="o-group">
              {t(`shell.group.${group}`)}
            </h2>
            {found.map((entry) => {
              const active = entry.to === '/' ? here === '/' : here === entry.to || here.startsWith(`${entry.to}/`)
              return (
                <Link key={entry.to} to={entry.to} className="o-nav" activeOptions={{ exact: entry.to === '/' }} aria-current={active ? 'page' : undefined}>
                  <Icon name={entry.icon} />
                  <span>{t(entry.label)}</span>
                </Link>
              )
            })}
          </section>
        )
      })}
    </nav>
  )
}
