// The method of an operation: a word, whose colour only repeats it.
import type { ReactNode } from 'react'

const TONES: Record<string, string> = { GET: 'info', POST: 'good', PATCH: 'warn', PUT: 'warn', DELETE: 'bad' }

export function Method({ children }: { children: string }): ReactNode {
  return (
    <bdi dir="ltr" className="o-method" data-tone={TONES[children] ?? 'quiet'}>
      {children}
    </bdi>
  )
}
