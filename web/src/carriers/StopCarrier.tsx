// Asks before a carrier is paused, drained or resumed, as the page of pauses does: until when, and what is held or released.
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { NewPause } from '../desk/NewPause'
import { Resume } from '../desk/Resume'
import type { LiveCarrier } from './carrier'

type Props = { carrier: LiveCarrier; what: 'pause' | 'drain' | 'resume'; onClose: () => void }

export function StopCarrier({ carrier: { id, name, paused }, what, onClose }: Props): ReactNode {
  const api = useApi()
  if (what !== 'resume') return <NewPause kind="carrier" value={name} mode={what} fixed onClose={onClose} />
  const resume = (): Promise<unknown> => take(api.POST('/v1/carriers/{id}/resume', { params: { path: { id } } }))
  return <Resume stopped={{ kind: 'carrier', value: name, mode: paused === 'drain' ? 'drain' : 'pause' }} resume={resume} onClose={onClose} />
}
