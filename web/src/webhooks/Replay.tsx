// Deliver again what failed since a time: counted first, then done; more than 1,000 are done one call after the other.
import { Button, Checkbox, Group, Select, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { isRefusal, type Refusal } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { notify } from '../parts/Notices'
import { RefusalText } from '../parts/RefusalText'
import { DELIVERIES, type Webhook, WEBHOOKS } from './webhook'

type Props = { webhook: Webhook; onClose: () => void }

const SPANS = ['1', '6', '24', '72'] as const
const HOUR_MS = 3_600_000

export function Replay({ webhook, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [opened] = useState(() => Date.now())
  const [hours, setHours] = useState<string>('24')
  const [failed, setFailed] = useState(true)
  const [done, setDone] = useState<number | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const params = { path: { id: webhook.id } }
  const body = { failed_only: failed, since: new Date(opened - Number(hours) * HOUR_MS).toISOString() }
  const count = useQuery({
    queryKey: [WEBHOOKS, webhook.id, 'replay', body],
    queryFn: () => take(api.POST('/v1/webhooks/{id}/replay', { params, body: { ...body, dry_run: true } })),
  })
  const matching = count.data?.matching
  const problem = refusal ?? (isRefusal(count.error) ? count.error : null)

  const replay = async (): Promise<void> => {
    setRefusal(null)
    let replayed = 0
    setDone(0)
    try {
      for (let since: string | null = body.since; since !== null; ) {
        const told: { replayed: number; next_since: string | null } = await take(api.POST('/v1/webhooks/{id}/replay', { params, body: { ...body, since, until: new Date(opened).toISOString() } }))
        replayed += told.replayed
        setDone(replayed)
        since = told.next_since
      }
      notify(t('webhooks.replayed', { count: replayed }))
      onClose()
    } catch (error) {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    } finally {
      setDone(null)
      await Promise.all([queries.invalidateQueries({ queryKey: [DELIVERIES] }), queries.invalidateQueries({ queryKey: [WEBHOOKS] })])
    }
  }

  return (
    <Dialog onClose={onClose} title={t('webhooks.replay')} centered>
      <Stack>
        <Text>{t('webhooks.replayAbout')}</Text>
        <Select
          label={t('webhooks.since')}
          value={hours}
          allowDeselect={false}
          data={SPANS.map((value) => ({ value, label: t('webhooks.lastHours', { hours: Number(value) }) }))}
          onChange={(value) => setHours(value ?? '24')}
        />
        <Checkbox label={t('webhooks.failedOnly')} checked={failed} onChange={(event) => setFailed(event.currentTarget.checked)} />
        <Text role="status" fw={600}>
          {done !== null ? t('webhooks.replaying', { count: done }) : matching === undefined ? t('parts.reading') : t('webhooks.matching', { count: matching })}
        </Text>
        {problem !== null && <div role="alert" className="o-refused"><RefusalText refusal={problem} /></div>}
        <Group justify="space-between">
          <CopyAsCode request={{ operation: 'POST /v1/webhooks/{id}/replay', path: params.path, body }} />
          <Group>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button disabled={matching === undefined || matching === 0} loading={done !== null} onClick={() => void replay()}>
              {t('webhooks.replayDo', { count: matching ?? 0 })}
            </Button>
          </Group>
        </Group>
      </Stack>
    </Dialog>
  )
}
