// Why a message did not arrive: what happened, on whose side, what to do next.
import { Anchor, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { Ident } from '../parts/Values'
import { docOf, scopeText, useAdvice, useErrorText } from './errors'
import type { Message } from './message'

export function Failure({ message }: { message: Message }): ReactNode {
  const t = useT()
  const errorText = useErrorText()
  const advice = useAdvice()
  const { error } = message
  if (error === null || message.status === 'canceled') return null
  const next = advice(error.code)
  const side = scopeText(error.scope)
  return (
    <section className="o-failure" aria-labelledby="why">
      <h2 id="why">
        <Icon name="alert" /> {errorText(error)}
      </h2>
      <Text>
        {side !== null && <strong>{t(side)} </strong>}
        {next} {error.retryable ? t('messages.mayRetry') : t('messages.noRetry')}
      </Text>
      <Text size="sm" c="dimmed">
        <Ident>{error.code}</Ident>
        {error.carrier_code !== null && (
          <>
            {' '}
            · {t('messages.carrierCode')} <Ident>{error.carrier_code}</Ident>
          </>
        )}{' '}
        ·{' '}
        <Anchor href={docOf(error.code)} target="_blank" rel="noreferrer" size="sm">
          {t('messages.aboutError')}
        </Anchor>
      </Text>
      <Group gap="md" mt="xs">
        {error.retryable && message.direction === 'outbound' && (
          <ButtonLink to="/send" search={{ again: message.id }} size="xs" leftSection={<Icon name="send" size={14} />}>
            {t('messages.again')}
          </ButtonLink>
        )}
        <TextLink to="/messages" search={{ error_code: error.code }} size="sm">
          {t('messages.sameError')}
        </TextLink>
      </Group>
    </section>
  )
}
