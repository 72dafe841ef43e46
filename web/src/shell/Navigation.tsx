// The navigation at the side.
import { Link } from '@tanstack/react-router'
import { memo, type ReactNode } from 'react'
import { type Operation, OPERATIONS } from '../api/scopes'
import { type Me, refusedTo, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { ENTRIES, type Entry, GROUPS } from './navigation'

/** The entries of who may read their pages. */
export const entriesFor = (me: Me): Entry[] =>
  ENTRIES.filter(({ reads, unless }) => (reads === undefined || has(me, reads)) && (unless === undefined || !has(me, unless)))

/** Whether one has the right; some pages then only need the other mode. */
const has = (me: Me, operation: Operation): boolean => refusedTo(me, OPERATIONS[operation])?.why !== 'scope'

/** Each link knows by itself whether it leads to where one is. */
export const Navigation = memo(function Navigation(): ReactNode {
  const t = useT()
  const entries = entriesFor(useMe())
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
            {found.map(({ to, icon, label }) => (
              <Link key={to} to={to} className="o-nav" activeOptions={to === '/' ? HOME : BELOW}>
                <Icon name={icon} />
                <span>{t(label)}</span>
              </Link>
            ))}
          </section>
        )
      })}
    </nav>
  )
})

/** Where a link is the current one: on its page alone, or below it too. Filters make no difference. */
const HOME = { exact: true, includeSearch: false }
const BELOW = { includeSearch: false }
