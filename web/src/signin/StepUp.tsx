// A fresh proof of who one is, for what a stolen session must not do.
import { Button, PasswordInput, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { isRefusal, type Refusal } from '../api/problem'
import { settle } from '../app/gates'
import { lastFactors } from '../app/session'
import { useT } from '../i18n/i18n'
import { FormErrors } from '../parts/FormErrors'
import { Icon } from '../parts/Icon'
import { RefusalText } from '../parts/RefusalText'
import { useForm } from '../parts/useForm'
import { openApi } from './open'
import { browserHasPasskeys, provePasskey } from './passkeys'
import './door.css'

export function StepUp(): ReactNode {
  const t = useT()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const factors = lastFactors()
  const form = useForm({
    initial: { password: '' },
    send: async (body) => {
      await take(openApi.POST('/v1/me/step-up', { body }))
      form.reset()
      settle(true)
    },
  })
  const byPasskey = async (): Promise<void> => {
    setRefusal(null)
    try {
      const { options } = await take(openApi.POST('/v1/sessions/passkey-options'))
      const passkey = await provePasskey(options)
      if (passkey === null) return
      await take(openApi.POST('/v1/me/step-up', { body: { passkey } }))
      settle(true)
    } catch (error) {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    }
  }
  const passkeys = (factors?.passkeys ?? 0) > 0 && browserHasPasskeys()
  return (
    <Stack>
      <Text>{t('signin.proveAbout')}</Text>
      {factors?.password !== false && (
        <form {...form.props}>
          <Stack>
            <PasswordInput {...form.field('password')} label={t('signin.password')} dir="ltr" autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }} data-autofocus autoFocus />
            <FormErrors form={form} />
            <Button type="submit" loading={form.busy}>
              {t('signin.confirm')}
            </Button>
          </Stack>
        </form>
      )}
      {passkeys && (
        <Button variant="default" leftSection={<Icon name="fingerprint" />} onClick={() => void byPasskey()}>
          {t('signin.withPasskey')}
        </Button>
      )}
      {factors?.password === false && !passkeys && <Text>{t('signin.proveElsewhere')}</Text>}
      {refusal !== null && (
        <div role="alert" className="o-refused">
          <RefusalText refusal={refusal} />
        </div>
      )}
    </Stack>
  )
}
