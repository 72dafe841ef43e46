// A list as a file, with the filters of its page: `<Export path="/v1/refusals/export" query={query} />`. The letter `e` opens
// the choice of formats.
import { Button } from '@mantine/core'
import { lazy, type ReactNode, Suspense } from 'react'
import { useT } from '../i18n/i18n'
import type { ExportPath, Exported } from './ExportMenu'
import { Icon } from './Icon'
import { Soon } from './Soon'

const ExportMenu = lazy(() => import('./ExportMenu').then(({ ExportMenu: component }) => ({ default: component })))

export function Export<P extends ExportPath>(exported: Exported<P>): ReactNode {
  const t = useT()
  return (
    <Suspense
      fallback={
        <Soon>
          <Button variant="default" leftSection={<Icon name="download" />}>
            {t('parts.export')}
          </Button>
        </Soon>
      }
    >
      <ExportMenu {...(exported as unknown as Exported<ExportPath>)} />
    </Suspense>
  )
}
