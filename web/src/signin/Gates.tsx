// The dialogs at the gates: the session has ended, or a fresh proof is needed. The page below stays as it is, with all
// that was typed; once the person has passed, the request that waited is sent.
import { lazy, type ReactNode, Suspense } from 'react'
import { useGate } from '../app/gates'
import { needTexts } from '../i18n/i18n'

const GateDialog = lazy(async () => {
  const [{ GateDialog: found }] = await Promise.all([import('./GateDialog'), needTexts('signin')])
  return { default: found }
})

export function Gates(): ReactNode {
  const gate = useGate()
  if (gate === null) return null
  return (
    <Suspense>
      <GateDialog gate={gate} />
    </Suspense>
  )
}
