// The page on which one signs in.
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { CONSOLE_PATH } from '../app/places'
import { useT } from '../i18n/i18n'
import { QueryClientProvider } from '@tanstack/react-query'
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
  const insecure = useMethods().data?.insecure === true
  const path = pathWithin(to)
  const done = (): void => {
    enter()
    void router.invalidate().then(() => navigate({ href: path, replace: true }))
  }
  return (
    <Door title={t('signin.title')} insecure={insecure}>
      <SignInForm returnTo={CONSOLE_PATH.replace(/\/$/, '') + path} onDone={done} />
    </Door>
  )
}
