// The buttons at the end of a form. Below a long form they stay in sight, at the edge of its dialog or of the window.
import { Group } from '@mantine/core'
import type { ReactNode } from 'react'
import './form.css'

/** `aside` is what stands apart from them: the request as code, the way to remove the thing. */
export function FormActions({ aside, children }: { aside?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <Group justify={aside === undefined ? undefined : 'space-between'} className="o-form-actions">
      {aside}
      {aside === undefined ? children : <Group>{children}</Group>}
    </Group>
  )
}
