// An action on all messages that match the filters of the list: the steps up to the job, then the job.
//
// Rules kept here:
// - the job is asked for with the rights that one has at the desk (`desk`), for the account and mode in which one acts;
// - it goes on if the dialog is closed.
import { Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { type Session, SessionProvider, useMe, useSession } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { jobFilterOf, type Kind } from './bulk'
import { BulkJob } from './BulkJob'
import { BulkSteps } from './BulkSteps'
import { useFields } from './fields'
import { COUNTS, MESSAGES } from './message'
import type { MessagesSearch } from './shape'

type Props = { desk: Session; kind: Kind; search: MessagesSearch; anchor: number; onClose: () => void }

export function BulkDialog({ desk, kind, search, anchor, onClose }: Props): ReactNode {
  const t = useT()
  const me = useMe()
  const queries = useQueryClient()
  const here = useSession()
  const [job, setJob] = useState<string | null>(null)
  const wanted = jobFilterOf(kind, search, anchor, me.account_id, me.mode === 'test')
  return (
    <Dialog onClose={onClose} size="lg" title={t(`messages.bulk.${kind}.title`)}>
      {job !== null ? (
        <SessionProvider session={desk}>
          <BulkJob id={job} onClose={onClose} onEnded={() => [MESSAGES, COUNTS].forEach((key) => void queries.invalidateQueries({ queryKey: [key] }))} />
        </SessionProvider>
      ) : (
        <Stack>
          <Text>{t(`messages.bulk.${kind}.about`)}</Text>
          <Text size="sm" c="dimmed">
            <Icon name={me.mode === 'test' ? 'flask' : 'tower'} size={14} />{' '}
            {me.mode === 'test' ? t('parts.inTest', { account: me.account_name }) : t('parts.inLive', { account: me.account_name })}
          </Text>
          {wanted.unknown.length > 0 ? (
            <Unknown names={wanted.unknown} />
          ) : wanted.statuses.length === 0 ? (
            <Text role="status">{t('messages.bulk.nothing')}</Text>
          ) : (
            <SessionProvider session={desk}>
              <BulkSteps here={here} kind={kind} filter={wanted.filter} statuses={wanted.statuses} onStarted={setJob} onClose={onClose} />
            </SessionProvider>
          )}
        </Stack>
      )}
    </Dialog>
  )
}

/** Which filters have to go first. */
function Unknown({ names }: { names: readonly string[] }): ReactNode {
  const t = useT()
  const format = useFormat()
  const labels = useFields().filter(({ name }) => names.includes(name)).map(({ label }) => label)
  return <Text role="status">{t('messages.bulk.unknown', { filters: format.list(labels) })}</Text>
}
