// What is around every page of who is signed in: mode bar, head, navigation, and the page.
//
// The head's menus, the search box and the list of shortcuts are loaded behind the page: nobody waits for them.
import { Burger, Group } from '@mantine/core'
import { Link, Outlet, useMatches, useRouterState, useSearch } from '@tanstack/react-router'
import { lazy, memo, type ReactNode, Suspense, useEffect, useState } from 'react'
import { OPERATIONS } from '../api/scopes'
import { whereOf } from '../app/roots'
import { refusedTo, SessionProvider, sessionOf, useMe } from '../app/session'
import { placeOf } from '../app/where'
import { needTexts, useT } from '../i18n/i18n'
import { Soon } from '../parts/Soon'
import { InsecureBar, VersionBar } from './Bars'
import { Finder } from './Finder'
import { AccountButton, ModeButton, PersonButton } from './HeadButtons'
import { ModeBar } from './ModeBar'
import { Navigation } from './Navigation'
import { Shortcuts } from './Shortcuts'
import './shell.css'

const AccountMenu = lazy(() => import('./menus').then((menus) => ({ default: menus.AccountMenu })))
const ModeMenu = lazy(() => import('./menus').then((menus) => ({ default: menus.ModeMenu })))
const Refused = lazy(async () => {
  const [{ Refused: component }] = await Promise.all([import('./Refused'), needTexts('rights')])
  return { default: component }
})
const UserMenu = lazy(() => import('./menus').then((menus) => ({ default: menus.UserMenu })))

export function Shell(): ReactNode {
  const search = useSearch({ from: '__root__' })
  const where = whereOf(search)
  // Another account or mode is another page: nothing of the one before stays, neither rows nor what was typed.
  return (
    <SessionProvider key={placeOf(where)} session={sessionOf(where)}>
      <Frame />
    </SessionProvider>
  )
}

const Frame = memo(function Frame(): ReactNode {
  const t = useT()
  const me = useMe()
  const [opened, setOpened] = useState(false)
  const path = useRouterState({ select: (state) => state.location.pathname })
  useEffect(() => setOpened(false), [path])

  return (
    <div className="o-shell">
      <SkipLink />
      <header className="o-header">
        <ModeBar />
        <Group h={54} px="md" gap="xs" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={() => setOpened(!opened)}
            className="o-burger"
            size="sm"
            aria-label={t('shell.menu')}
            aria-expanded={opened}
            aria-controls="navigation"
          />
          <Tools />
        </Group>
      </header>
      <div id="navigation" className="o-navbar" data-opened={opened}>
        <Navigation />
      </div>
      <main id="main" tabIndex={-1} className="o-main">
        {me.insecure && <InsecureBar />}
        <VersionBar />
        <Page />
      </main>
      <Shortcuts />
    </div>
  )
})

/** The head's own parts, which stay as they are from page to page. */
const Tools = memo(function Tools(): ReactNode {
  return (
    <>
      <Link to="/" className="o-brand">
        one<b>sixty</b>
      </Link>
      <Suspense
        fallback={
          <Soon>
            <AccountButton />
          </Soon>
        }
      >
        <AccountMenu />
      </Suspense>
      <span className="o-grow" />
      <Finder />
      <Suspense
        fallback={
          <Soon>
            <ModeButton />
            <PersonButton />
          </Soon>
        }
      >
        <ModeMenu />
        <UserMenu />
      </Suspense>
    </>
  )
})

/** The page, or why one may not see it. */
function Page(): ReactNode {
  const me = useMe()
  const reads = useMatches({ select: (matches) => matches.findLast((match) => match.staticData.reads)?.staticData.reads })
  const refused = reads === undefined ? null : refusedTo(me, OPERATIONS[reads])
  if (refused === null) return <Outlet />
  return (
    <Suspense>
      <Refused refused={refused} />
    </Suspense>
  )
}

/** The page has a `<base>`, so that a mere `#main` would leave it: the focus is moved by hand. */
function SkipLink(): ReactNode {
  const t = useT()
  return (
    <a
      className="o-skip"
      href="#main"
      onClick={(event) => {
        event.preventDefault()
        document.getElementById('main')?.focus()
      }}
    >
      {t('shell.skip')}
    </a>
  )
}
