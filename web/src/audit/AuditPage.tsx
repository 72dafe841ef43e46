// Who changed that, when? The audit log with filters; each entry opens to what changed.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { components } from '../api/schema'
import { oneOf, text } from '../app/search'
import { useMe } from '../app/session'
import { since, SPAN_NAMES } from '../app/span'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList } from '../parts/DataList'
import { Export } from '../parts/Export'
import { type FilterField, FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { Named, Who } from '../parts/Named'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, Time, Words } from '../parts/Values'
import { Views } from '../parts/Views'
import { changesOf, nameIn } from './changes'
import { auditSearch } from './search'
import { ACTIONS, OBJECTS, useWords } from './words'
import './audit.css'

type Entry = components['schemas']['AuditEntry']

const RedactValue = lazy(() => import('./Redact').then((found) => ({ default: found.RedactValue })))
const RedactEntry = lazy(() => import('./Redact').then((found) => ({ default: found.RedactEntry })))

const AUDIT = '/v1/audit'
const spanOf = oneOf(...SPAN_NAMES)

export function AuditPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/audit' })
  const { account: _account, mode: _mode, all_accounts: all, last, ...search } = useSearch({ from: '/shell/audit' })
  const me = useMe()
  const words = useWords()
  const [anchor, setAnchor] = useState(() => Date.now())
  const [redacted, setRedacted] = useState<Entry | 'value' | null>(null)
  const query = { ...search, ...since(last, anchor), ...(all === true ? { all_accounts: true } : {}) }
  const list = useList(AUDIT, { ...query, limit: 100 })
  const value = { ...search, last }
  const fields: FilterField[] = [
    { name: 'object_id', label: t('audit.objectId'), kind: 'text', accepts: (typed) => /^[a-z]{3}_/.test(typed) },
    { name: 'actor', label: t('audit.actor'), kind: 'text', accepts: (typed) => /^(key|user|cli|settings|onesixty)(:|$)/.test(typed) },
    { name: 'action', label: t('audit.action'), kind: 'choice', options: ACTIONS.map((value) => ({ value, label: words.action(value) })) },
    { name: 'object', label: t('audit.object'), kind: 'choice', options: OBJECTS.map((value) => ({ value, label: words.object(value) })) },
    { name: 'last', label: t('audit.time'), kind: 'choice', options: SPAN_NAMES.map((span) => ({ value: span, label: t(`audit.last.${span}`) })) },
  ]
  const filter = (to: Filters): void => {
    setAnchor(Date.now())
    void navigate({
      search: (before) => ({
        ...before, actor: text(to.actor), action: text(to.action), object: text(to.object), object_id: text(to.object_id), last: spanOf(to.last),
      }),
    })
  }
  const columns: Column<Entry>[] = [
    { name: 'time', title: t('audit.time'), width: '8.5rem', cell: (entry) => <Time at={entry.created_at} /> },
    { name: 'actor', title: t('audit.actor'), width: 'minmax(12rem, 1.1fr)', cell: (entry) => <Actor entry={entry} /> },
    {
      name: 'what', title: t('audit.what'), width: 'minmax(14rem, 1.7fr)',
      cell: (entry) => (
        <>
          <span title={`${entry.object} ${entry.action}`}>
            <strong>{words.object(entry.object)}</strong> · {words.action(entry.action)}
          </span>
          {entry.object_id !== null && <span className="o-audit-more"><Named id={entry.object_id} name={nameIn(entry)} /></span>}
        </>
      ),
    },
    { name: 'changes', title: t('audit.changes'), width: 'minmax(11rem, 1.9fr)', cell: (entry) => <Changes entry={entry} onRedact={me.operator ? setRedacted : undefined} /> },
  ]

  return (
    <>
      <PageHead
        title={t('audit.title')}
        about={t('audit.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/audit', query }} />
            {/* A file has the log of one account, since its lines are a chain. */}
            {all !== true && <Export path="/v1/audit/export" query={{ ...search, ...since(last, anchor) }} name="audit-log" />}
            {me.operator && (
              <Act calls="POST /v1/audit/redact" variant="default" leftSection={<Icon name="trash" />} onClick={() => setRedacted('value')}>
                {t('audit.redact')}
              </Act>
            )}
          </>
        }
      />
      <Views page="audit" search={{ ...value, all_accounts: all }} read={auditSearch} />
      <FilterBar label={t('audit.filter')} fields={fields} value={value} onChange={filter} />
      <DataList
        list={list}
        columns={columns}
        label={t('audit.title')}
        rowKey={(entry) => entry.id}
        empty={<NothingYet icon="audit" title={t('audit.none')} about={t('audit.noneAbout')} />}
        onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
      />
      <Suspense>
        {redacted === 'value' && <RedactValue onClose={() => setRedacted(null)} />}
        {redacted !== null && redacted !== 'value' && <RedactEntry entry={redacted} onClose={() => setRedacted(null)} />}
      </Suspense>
    </>
  )
}

/** Who did it, from where, and why. */
function Actor({ entry }: { entry: Entry }): ReactNode {
  return (
    <>
      <Who who={entry.actor} />
      {entry.address !== null && <span className="o-audit-more"><Ident>{entry.address}</Ident></span>}
      {entry.reason !== null && <span className="o-audit-more"><Words>{entry.reason}</Words></span>}
    </>
  )
}

/** How many fields changed; opened, each of them before and after, and what else there is to say. */
function Changes({ entry, onRedact }: { entry: Entry; onRedact: ((entry: Entry) => void) | undefined }): ReactNode {
  const t = useT()
  const changes = changesOf(entry.before, entry.after)
  const details = changesOf(null, entry.details)
  const request = entry.request_id
  if (changes.length + details.length === 0 && request === null) return '–'
  return (
    <details className="o-audit-changes">
      <summary>{changes.length > 0 ? t('audit.fieldCount', { count: changes.length }) : t('audit.details')}</summary>
      <dl>
        {changes.map((change) => (
          <div key={change.field}>
            <dt><Ident>{change.field}</Ident></dt>
            <dd>
              {change.before !== null && <del><span className="o-visually-hidden">{t('audit.before')} </span><bdi dir="auto">{change.before}</bdi></del>}
              {change.after !== null && <ins><span className="o-visually-hidden">{t('audit.after')} </span><bdi dir="auto">{change.after}</bdi></ins>}
            </dd>
          </div>
        ))}
        {details.map((detail) => (
          <div key={`details.${detail.field}`}>
            <dt><Ident>{detail.field}</Ident></dt>
            <dd><bdi dir="auto">{detail.after}</bdi></dd>
          </div>
        ))}
        {request !== null && (
          <div>
            <dt>{t('audit.request')}</dt>
            <dd><Ident>{request}</Ident></dd>
          </div>
        )}
        {entry.redacted && (
          <div>
            <dt>{t('audit.redacted')}</dt>
            <dd>{t('audit.redactedAbout')}</dd>
          </div>
        )}
      </dl>
      {onRedact !== undefined && (
        <Act calls="POST /v1/audit/redact" size="compact-sm" variant="default" onClick={() => onRedact(entry)}>
          {t('audit.redactEntry')}
        </Act>
      )}
    </details>
  )
}
