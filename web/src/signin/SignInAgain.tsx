// The session has ended in the middle of something: the same person signs in again, and goes on.
import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { settle } from '../app/gates'
import { lastPerson } from '../app/session'
import { useT } from '../i18n/i18n'
import { SignInForm } from './SignInForm'

export function SignInAgain(): ReactNode {
  const t = useT()
  return (
    <Stack>
      <Text>{t('signin.endedAbout')}</Text>
      <SignInForm email={lastPerson()} onDone={() => settle(true)} />
    </Stack>
  )
}
