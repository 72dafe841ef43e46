// All operations in their groups, with a search. What one may not call has a lock.
import { TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { matches, type Operation } from '../api/document'
import { refusedTo, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Ident, ServerWords } from '../parts/Values'
import { scopeOf } from './draft'
import { Method } from './Method'

/** After this many milliseconds without a key, the words are in the URL. */
const SETTLED_MS = 300

type Props = { operations: Operation[]; chosen: Operation | undefined; words: string }

export function Chooser({ operations, chosen, words }: Props): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/api' })
  const [typed, setTyped] = useState(words)
  useEffect(() => {
    if (typed === words) return
    const later = setTimeout(() => void navigate({ search: (before) => ({ ...before, q: typed || undefined }), replace: true, resetScroll: false }), SETTLED_MS)
    return () => clearTimeout(later)
  }, [typed, words, navigate])

  const searched = typed.trim()
  const found = useMemo(() => operations.filter((each) => matches(each, searched)), [operations, searched])
  const groups = [...new Set(found.map(({ tag }) => tag))].map((tag) => ({ tag, list: found.filter((each) => each.tag === tag) }))
  const first = operations[0]?.tag
  return (
    <nav className="o-explorer-list" aria-label={t('explorer.operations')}>
      <TextInput
        label={t('explorer.search')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        leftSection={<Icon name="search" size={16} />}
        type="search"
        dir="auto"
        data-filter
      />
      <p className="o-explorer-count" role="status">
        {found.length === 0 ? t('explorer.none') : t('explorer.found', { count: found.length })}
      </p>
      {groups.map(({ tag, list }) => (
        // Another search opens other groups; what one opened by hand stays as long as it is the same.
        <details key={`${tag} ${searched}`} open={searched !== '' || tag === (chosen?.tag ?? first)}>
          <summary>
            <ServerWords>{tag}</ServerWords> <span className="o-explorer-count">{list.length}</span>
          </summary>
          <ul>
            {list.map((each) => (
              <Row key={each.operationId} operation={each} current={each === chosen} />
            ))}
          </ul>
        </details>
      ))}
    </nav>
  )
}

function Row({ operation, current }: { operation: Operation; current: boolean }): ReactNode {
  const t = useT()
  const refused = refusedTo(useMe(), scopeOf(operation)) !== null
  return (
    <li>
      <TextLink
        to="/api"
        search={(before) => ({ ...before, operation: operation.operationId })}
        resetScroll={false}
        className="o-explorer-row"
        aria-current={current ? 'true' : undefined}
      >
        <span>
          <ServerWords>{operation.summary ?? operation.operationId}</ServerWords>
          {refused && (
            <span className="o-explorer-lock" title={t('explorer.refused')}>
              <Icon name="lock" size={14} />
              <span className="o-visually-hidden">{t('explorer.refused')}</span>
            </span>
          )}
        </span>
        <span className="o-explorer-place">
          <Method>{operation.method}</Method> <Ident>{operation.path}</Ident>
        </span>
      </TextLink>
    </li>
  )
}
