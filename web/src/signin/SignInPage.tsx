// The page on which one signs in.
import { Text } from '@mantine/core'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { CONSOLE_PATH } from '../app/places'
import { useT } from '../i18n/i18n'
import { QueryClientProvider } from '@tanstack/react-query'
import { Icon } from '../parts/Icon'
import { Door } from './Door'
import { enter, pathWithin } from './open'
import { openQueries, SignInForm, useMethods } from './SignInForm'

export function SignInPage(): ReactNode {
  return (
    <QueryClientProvider client={openQueries}>
      <Page />
    </QueryClientProvider>
  )
}

function Page(): ReactNode {
  const t = useT()
  const router = useRouter()
  const navigate = useNavigate()
  const { to } = useSearch({ from: '/sign-in' })
  const methods = useMethods().data
  const path = pathWithin(to)
  const done = (): void => {
    enter()
    void router.invalidate().then(() => navigate({ href: path, replace: true }))
  }
  return (
    <Door title={t('signin.title')} insecure={methods?.insecure === true}>
      {methods?.set_up === false && (
        <div role="note" className="o-warned">
          <Icon name="info" size={16} /> {t('signin.noUser')}
        </div>
      )}
      <SignInForm returnTo={CONSOLE_PATH.replace(/\/$/, '') + path} onDone={done} />
      {methods?.set_up === true && !methods.mail && methods.password === 'everyone' && (
        <Text size="sm" c="dimmed">
          {t('signin.forgottenAsk')}
        </Text>
      )}
    </Door>
  )
}
