// What the button of saved views opens: one's own and the shared ones, and the form that saves the filter as it is now.
import { ActionIcon, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { sameSearch } from '../app/search'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'
import { notify } from './Notices'
import { Found } from './States'
import { useList } from './useList'
import { ViewForm } from './ViewForm'
import { noteUsed, savedOf, usedFirst, usedViews, type View, VIEWS } from './savedViews'
import { ViewLink, type ViewsProps } from './Views'

/** Views whose number is shown: counting takes a request each. */
const COUNTED = 8
const MOST = 200

type Props = ViewsProps & { onClose: () => void; onRemove: (view: View) => void }

export function ViewsPanel({ page, search, read, count, onClose, onRemove }: Props): ReactNode {
  const t = useT()
  const me = useMe()
  const api = useApi()
  const queries = useQueryClient()
  const [changed, setChanged] = useState<string | null>(null)
  const [used] = useState(usedViews)
  const list = useList(VIEWS, { page, limit: MOST })
  const now = savedOf(search)
  const saved = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: [VIEWS] })
    setChanged(null)
    notify(t('views.done'))
  }
  const views = usedFirst(list.rows, used)
  const isNew = Object.keys(now).length > 0 && !views.some((view) => sameSearch(read(view.search), now))

  return (
    <>
      <h2 className="o-section">{t('views.saved')}</h2>
      <Found query={list} rows={3}>
        {() => (
          <>
            {views.length === 0 && (
              <Text size="sm" c="dimmed" mb="xs">
                {t('views.none')}
              </Text>
            )}
            <ul className="o-views-list">
              {views.map((view, place) => {
                const to = read(view.search)
                const current = sameSearch(search, to)
                return view.id === changed ? (
                  <li key={view.id}>
                    <ViewForm
                      view={view}
                      refilter={!current && Object.keys(now).length > 0}
                      onCancel={() => setChanged(null)}
                      onRemove={() => onRemove(view)}
                      send={async ({ refilter, ...body }) => {
                        // A merge patch: what the filter no longer has is cleared by name.
                        const gone = Object.fromEntries(Object.keys(view.search).map((name) => [name, null]))
                        const filter = refilter ? { search: { ...gone, ...now } as never } : {}
                        await take(api.PATCH('/v1/saved-views/{id}', { params: { path: { id: view.id } }, body: { ...body, ...filter } }))
                        await saved()
                      }}
                    />
                  </li>
                ) : (
                  <li key={view.id} className="o-views-one">
                    <ViewLink
                      page={page}
                      search={to}
                      current={current}
                      onClick={() => {
                        noteUsed(view.id)
                        onClose()
                      }}
                    >
                      <bdi dir="auto">{view.name}</bdi>
                    </ViewLink>
                    {view.shared && <span className="o-views-shared">{t('views.isShared')}</span>}
                    {count !== undefined && place < COUNTED && <bdi className="o-views-count">{count(to)}</bdi>}
                    {(view.mine || me.scopes.includes('users')) && (
                      <ActionIcon variant="subtle" color="gray" size={26} aria-label={t('views.change', { name: view.name })} onClick={() => setChanged(view.id)}>
                        <Icon name="edit" size={15} />
                      </ActionIcon>
                    )}
                  </li>
                )
              })}
            </ul>
            {isNew && changed === null && (
              <section className="o-views-new" aria-label={t('views.save')}>
                <ViewForm
                  send={async ({ name, shared }) => {
                    const made = await take(api.POST('/v1/saved-views', { body: { page, name, shared, search: now } }))
                    noteUsed(made.id)
                    await saved()
                  }}
                />
              </section>
            )}
          </>
        )}
      </Found>
    </>
  )
}
