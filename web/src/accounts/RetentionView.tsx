// For how long the data of an account is kept, kind by kind: its own times, or those of the operator.
import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { AUDIENCES, OPERATIONS } from '../api/scopes'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Icon } from '../parts/Icon'
import { Found } from '../parts/States'
import { Kept } from './Kept'
import './accounts.css'
import { KINDS } from './retention'
import type { RetentionCalls } from './tree'

const EditRetention = lazy(() => import('./EditRetention').then((found) => ({ default: found.EditRetention })))

export function RetentionView({ id, calls }: { id: string; calls: RetentionCalls }): ReactNode {
  const t = useT()
  const api = useApi()
  const me = useMe()
  const [edits, setEdits] = useState(false)
  const query = useQuery({
    queryKey: [calls.one, id],
    queryFn: ({ signal }) => take(api.GET(calls.one, { params: { path: { account_id: id } }, signal })),
  })
  const scope = OPERATIONS[calls.changes]
  // What nobody of this account can be allowed is no button.
  const byOperator = scope !== null && AUDIENCES[scope] === 'operator' && !me.operator
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed" maw="40rem">
          {byOperator ? t('accounts.keptByOperator') : t('accounts.keptAbout')}
        </Text>
        <Group gap="xs">
          <CopyAsCode request={{ operation: calls.reads, path: { account_id: id } }} />
          {!byOperator && (
            <Act calls={calls.changes} variant="default" disabled={query.data === undefined} leftSection={<Icon name="edit" />} onClick={() => setEdits(true)}>
              {t('accounts.keptChange')}
            </Act>
          )}
        </Group>
      </Group>
      <Found query={query} rows={8}>
        {(kept) => (
          <>
            <div className="o-table-frame" tabIndex={0} role="region" aria-label={t('accounts.view.retention')}>
              <table className="o-table o-kept">
                <thead>
                  <tr>
                    <th scope="col">{t('accounts.kind')}</th>
                    <th scope="col">{t('accounts.keptFor')}</th>
                    <th scope="col">{t('accounts.keptWhose')}</th>
                  </tr>
                </thead>
                <tbody>
                  {KINDS.map((kind) => (
                    <tr key={kind}>
                      <th scope="row">{t(`accounts.kind.${kind}`)}</th>
                      <td>
                        <Kept days={kept.in_force[kind]} />
                      </td>
                      <td>{kept[kind] === null ? t('accounts.keptNone') : <Kept days={kept[kind]} />}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <Text c="dimmed" size="sm" mt="sm">
              {t('accounts.keptDefault')}
            </Text>
            <Suspense>{edits && <EditRetention kept={kept} calls={calls} onClose={() => setEdits(false)} />}</Suspense>
          </>
        )}
      </Found>
    </>
  )
}
