// Shows the request of a form or list as code, for who wants a program to do the same.
import { Button, Popover } from '@mantine/core'
import { lazy, type ReactNode, Suspense } from 'react'
import { useSession } from '../app/session'
import { useT } from '../i18n/i18n'
import type { Request } from './code'
import { Icon } from './Icon'

const load = () => import('./CodePanel').then(({ CodePanel: component }) => ({ default: component }))
const CodePanel = lazy(load)

export function CopyAsCode({ request }: { request: Request }): ReactNode {
  const t = useT()
  const { where } = useSession()
  // Whoever points at the button will want the panel: it is there when it opens.
  const prepare = (): void => void load()
  return (
    <Popover width="min(40rem, 94vw)" position="bottom-end" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<Icon name="code" />} onPointerEnter={prepare} onFocus={prepare}>
          {t('parts.asCode')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense>
          <CodePanel request={{ account: where.account, ...request }} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
