// Sends one message over this carrier alone, and follows it to its end.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { IdLink } from '../parts/IdLink'
import { Found } from '../parts/States'
import { useForm } from '../parts/useForm'
import { Count, Ident } from '../parts/Values'
import type { LiveCarrier } from './carrier'

const EVERY_MS = 1_000

export function Probe({ carrier, onClose }: { carrier: LiveCarrier; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const [sent, setSent] = useState<string | null>(null)
  const form = useForm({
    initial: { to: '', from: '', text: '' },
    send: async ({ text, ...values }) => {
      const body = text.trim() === '' ? values : { ...values, text }
      const made = await take(api.POST('/v1/carriers/{id}/probe', { params: { path: { id: carrier.id } }, body }))
      setSent(made.message_id)
    },
  })
  return (
    <Dialog onClose={onClose} title={t('carriers.probeTitle', { name: carrier.name })} size="lg">
      <form {...form.props}>
        <Stack>
          <Text>{t('carriers.probeAbout')}</Text>
          <TextInput {...form.field('to')} label={t('carriers.to')} type="tel" dir="ltr" placeholder="+4915112345678" data-autofocus />
          <TextInput {...form.field('from')} label={t('carriers.from')} dir="ltr" />
          <TextInput {...form.field('text')} label={t('carriers.text')} description={t('carriers.textAbout')} dir="auto" />
          <FormErrors form={form} />
          {sent !== null && <Result carrier={carrier.id} message={sent} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.close')}
            </Button>
            <Act calls="POST /v1/carriers/{id}/probe" type="submit" loading={form.busy}>
              {t('carriers.probeDo')}
            </Act>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

function Result({ carrier, message }: { carrier: string; message: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const query = useQuery({
    queryKey: ['/v1/carriers', carrier, 'probe', message],
    queryFn: ({ signal }) => take(api.GET('/v1/carriers/{id}/probe/{message_id}', { params: { path: { id: carrier, message_id: message } }, signal })),
    refetchInterval: (found) => (found.state.data?.ended === true ? false : EVERY_MS),
  })
  return (
    <section aria-live="polite">
      <Found query={query} rows={2}>
        {(result) => (
          <Stack gap="xs">
            <Text>
              <IdLink id={result.message_id} /> · <Ident>{result.status}</Ident>
              {!result.ended && ` · ${t('carriers.underWay')}`}
              {result.error !== null && (
                <>
                  {' · '}
                  <Ident>{result.error}</Ident>
                </>
              )}
            </Text>
            <ul>
              {result.segments.map((segment) => (
                <li key={segment.segment}>
                  {t('carriers.segment')} <Count value={segment.segment} />: <Ident>{segment.outcome}</Ident>, {t('carriers.answeredIn', { time: format.duration(segment.answer_ms) })}
                  {segment.carrier_code !== null && (
                    <>
                      {' '}
                      <Ident>{segment.carrier_code}</Ident>
                    </>
                  )}
                  {segment.receipt_ms != null && (
                    <>
                      ; <Ident>{segment.receipt}</Ident>, {t('carriers.reportedIn', { time: format.duration(segment.receipt_ms) })}
                    </>
                  )}
                </li>
              ))}
            </ul>
          </Stack>
        )}
      </Found>
    </section>
  )
}
