// A state as a word with an icon and a colour: never by colour alone. One that only a newer server knows is quiet.
import type { ReactNode } from 'react'
import { Icon, type IconName } from './Icon'
import './parts.css'

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'quiet'

const ICONS: Record<Tone, IconName> = { good: 'check', bad: 'cross', warn: 'alert', info: 'clock', quiet: 'circle' }

type Props = { tone: Tone; icon?: IconName; children: ReactNode }

export function StatusBadge({ tone = 'quiet', icon, children }: Props): ReactNode {
  return (
    <span className="o-status" data-tone={tone}>
      <Icon name={icon ?? ICONS[tone]} size={14} />
      <span>{children}</span>
    </span>
  )
}
