// Views of a list: a button with those that were saved, and beside it the built-in ones with their counts.
//
// Rules kept here:
// - a view is a filter under a name. Opening one puts its filter into the URL; nothing else changes;
// - the button is the first thing of the line and always has the same word, so that it is where the hand expects it;
// - what is saved is one list, last used first. A filter that the list no longer knows is dropped by `read`.
import { Button, Popover } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { sameSearch } from '../app/search'
import { needTexts, useT } from '../i18n/i18n'
import { Icon } from './Icon'
import { TextLink } from './Link'
import type { View } from './savedViews'
import './views.css'

const load = async () => {
  const [{ ViewsPanel: component }] = await Promise.all([import('./ViewsPanel'), needTexts('views')])
  return { default: component }
}
const ViewsPanel = lazy(load)
const RemoveView = lazy(() => import('./RemoveView').then((found) => ({ default: found.RemoveView })))

/** Else the router calls a link current whose filters are a part of those in the URL. */
export const SAME = { exact: true, includeSearch: true }

export type BuiltIn = { name: string; label: string; search: object; count?: ReactNode }

export type ViewsProps = {
  /** The list, by its path: `messages`. */
  page: string
  /** What it is asked for now, without account and mode. */
  search: object
  /** The search parameters that the list makes of what was saved. */
  read: (saved: Record<string, unknown>) => object
  builtIn?: readonly BuiltIn[]
  /** How many there are in a view. */
  count?: (search: object) => ReactNode
}

/** A link to the same list with another search; which names it has, its page knows. */
export function ViewLink({ page, search, current, children, onClick }: { page: string; search: object; current: boolean; children: ReactNode; onClick?: () => void }): ReactNode {
  return (
    <TextLink size="sm" activeOptions={SAME} to={`/${page}` as '/'} search={search as never} aria-current={current ? 'page' : undefined} onClick={onClick}>
      {children}
    </TextLink>
  )
}

export function Views(props: ViewsProps): ReactNode {
  const t = useT()
  const [opened, setOpened] = useState(false)
  const [removed, setRemoved] = useState<View | null>(null)
  const { page, search, builtIn = [] } = props
  const prepare = (): void => void load()

  return (
    <nav className="o-views" aria-label={t('parts.views')}>
      <Popover opened={opened} onChange={setOpened} width="min(24rem, 94vw)" position="bottom-start" trapFocus returnFocus withinPortal>
        <Popover.Target>
          <Button variant="default" size="compact-sm" rightSection={<Icon name="down" size={14} />} onClick={() => setOpened((before) => !before)} onPointerEnter={prepare} onFocus={prepare}>
            {t('parts.views')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Suspense>
            <ViewsPanel
              {...props}
              onClose={() => setOpened(false)}
              onRemove={(view) => {
                setOpened(false)
                setRemoved(view)
              }}
            />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      {builtIn.map(({ name, label, search: to, count }) => (
        <ViewLink key={name} page={page} search={to} current={sameSearch(search, to)}>
          {label} {count !== undefined && <bdi className="o-views-count">{count}</bdi>}
        </ViewLink>
      ))}
      <Suspense>{removed !== null && <RemoveView view={removed} onClose={() => setRemoved(null)} />}</Suspense>
    </nav>
  )
}
