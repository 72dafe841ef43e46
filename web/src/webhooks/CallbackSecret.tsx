// The secret that signs status callbacks: shown to who asks for it, and replaced.
//
// Rules kept here:
// - it is read when somebody asks for it, and gone from the page with the dialog;
// - the API wants a fresh proof of who asks (`app/gates.ts` sees to that).
import { Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { isRefusal, type Refusal } from '../api/problem'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Dialog } from '../parts/Dialog'
import { Icon } from '../parts/Icon'
import { notify } from '../parts/Notices'
import { RefusalText } from '../parts/RefusalText'
import { Secret } from '../parts/StoredDialog'

type Doing = 'show' | 'rotate'

export function CallbackSecret({ onClose }: { onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const me = useMe()
  const [secret, setSecret] = useState<string | null>(null)
  const [asks, setAsks] = useState(false)
  const [busy, setBusy] = useState<Doing | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)

  const run = async (doing: Doing): Promise<void> => {
    setBusy(doing)
    setRefusal(null)
    try {
      const found = await take(doing === 'show' ? api.GET('/v1/webhooks/callback-secret') : api.POST('/v1/webhooks/callback-secret/rotate'))
      setSecret(found.secret)
      setAsks(false)
      if (doing === 'rotate') notify(t('webhooks.callbackRotated'))
    } catch (error) {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    } finally {
      setBusy(null)
    }
  }

  return (
    <Dialog onClose={onClose} size="lg" title={t('webhooks.callback')}>
      <Stack>
        <Text>{t('webhooks.callbackAbout')}</Text>
        <Text size="sm" c="dimmed">
          <Icon name={me.mode === 'test' ? 'flask' : 'tower'} size={14} />{' '}
          {me.mode === 'test' ? t('parts.inTest', { account: me.account_name }) : t('parts.inLive', { account: me.account_name })}
        </Text>
        {secret !== null && <Secret what={t('webhooks.secret')} secret={secret} />}
        {asks && <Text role="status">{t('webhooks.rotateAbout')}</Text>}
        {refusal !== null && (
          <div role="alert" className="o-refused">
            <RefusalText refusal={refusal} />
          </div>
        )}
        <Group justify="flex-end">
          {asks ? (
            <>
              <Button variant="default" onClick={() => setAsks(false)}>
                {t('parts.cancel')}
              </Button>
              <Button color="red.9" loading={busy === 'rotate'} onClick={() => void run('rotate')} data-autofocus>
                {t('webhooks.callbackRotateDo')}
              </Button>
            </>
          ) : (
            <>
              <Act calls="POST /v1/webhooks/callback-secret/rotate" variant="default" leftSection={<Icon name="refresh" />} onClick={() => setAsks(true)}>
                {t('webhooks.rotate')}
              </Act>
              {secret === null && (
                <Act calls="GET /v1/webhooks/callback-secret" leftSection={<Icon name="key" />} loading={busy === 'show'} onClick={() => void run('show')}>
                  {t('webhooks.callbackShow')}
                </Act>
              )}
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}
