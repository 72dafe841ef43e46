// Where is the message I look for? The messages of the account with filters, counts, and what the feed tells.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { sameSearch } from '../app/search'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Export } from '../parts/Export'
import { FilterBar, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { ButtonLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { searchFrom, useFields } from './fields'
import { MessageList } from './MessageList'
import { queryOf } from './search'
import type { MessagesSearch } from './shape'
import { MessageViews } from './Views'
import './messages.css'

/** The names of the filters, in the URL as in the API. */
const filtersOf = ({ order: _, ...search }: MessagesSearch) => search

export function MessagesPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/messages' })
  const { account: _account, mode: _mode, by = 'status', ...search } = useSearch({ from: '/shell/messages' })
  const [anchor, setAnchor] = useAnchor(search)
  const fields = useFields()
  const query = queryOf(search, anchor)
  const { order: _, ...filters } = query
  const filter = (to: MessagesSearch): void => void navigate({ search: ({ account, mode, by }) => ({ account, mode, by, ...to }) })
  const value = filtersOf(search)

  return (
    <>
      <PageHead
        title={t('messages.title')}
        about={search.account_id === undefined ? t('messages.about') : t('messages.aboutEvery')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/messages', query }} />
            <Export path="/v1/messages/export" query={filters} name="messages" />
            <ButtonLink to="/send" leftSection={<Icon name="send" />}>
              {t('messages.send')}
            </ButtonLink>
          </>
        }
      />
      <MessageViews search={search} />
      <FilterBar label={t('messages.filter')} fields={fields} value={value} onChange={(to) => filter(searchFrom(to, search))} />
      <MessageList search={search} by={by} anchor={anchor} onAnchor={setAnchor} onClear={isFiltered(fields, value) ? () => filter({}) : undefined} />
    </>
  )
}

/** The moment at which spans that end now end, in the list and in its counts alike: that of the last change of the
 * filters, or of the last refresh. */
function useAnchor(search: MessagesSearch): [anchor: number, set: (to: number) => void] {
  const [anchor, setAnchor] = useState({ search, at: Date.now() })
  const set = (at: number): void => setAnchor({ search, at })
  if (!sameSearch(anchor.search, search)) set(Date.now())
  return [anchor.at, set]
}
