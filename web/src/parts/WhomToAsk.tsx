// Whom one asks for a right that one's role lacks: by name, once that is known.
import { lazy, type ReactNode, Suspense } from 'react'
import { useIsWithin } from '../app/session'
import { useT } from '../i18n/i18n'

const WhoGives = lazy(() => import('./WhoGives').then((found) => ({ default: found.WhoGives })))

export function WhomToAsk({ scope }: { scope: string }): ReactNode {
  const t = useT()
  const somebody = t('parts.forbiddenAbout')
  return useIsWithin() ? <Suspense fallback={somebody}><WhoGives scope={scope} /></Suspense> : somebody
}
