// What does a call answer? Every operation of the API as a form, called as who is signed in, here and in this mode.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useMemo } from 'react'
import { type ApiDocument, operationsOf } from '../api/document'
import { refusalOf, unreachable } from '../api/problem'
import { productPath } from '../app/places'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { Found, Waiting } from '../parts/States'
import { Chooser } from './Chooser'
import './explorer.css'

// The list is there first; forms and code are loaded with the first operation.
const TryOperation = lazy(() => import('./TryOperation').then((found) => ({ default: found.TryOperation })))

export function ExplorerPage(): ReactNode {
  const t = useT()
  const query = useQuery({ queryKey: ['/docs/openapi.json'], queryFn: readDocument, staleTime: Number.POSITIVE_INFINITY })
  return (
    <>
      <PageHead
        title={t('explorer.title')}
        about={t('explorer.about')}
        actions={
          <Button component="a" href={productPath('/docs')} target="_blank" variant="default" leftSection={<Icon name="book" />}>
            {t('shell.reference')}
          </Button>
        }
      />
      <Found query={query} rows={12}>
        {(document) => <Explorer document={document} />}
      </Found>
    </>
  )
}

/** It is the same for everybody, and large: the browser keeps it, and asks whether it has changed. */
async function readDocument(): Promise<ApiDocument> {
  const answer = await fetch(productPath('/docs/openapi.json')).catch(() => {
    throw unreachable()
  })
  if (!answer.ok) throw refusalOf(answer, null)
  return answer.json()
}

function Explorer({ document }: { document: ApiDocument }): ReactNode {
  const t = useT()
  const { operation: id, q } = useSearch({ from: '/shell/api' })
  const operations = useMemo(() => operationsOf(document), [document])
  const chosen = operations.find(({ operationId }) => operationId === id)
  return (
    <div className="o-explorer" data-chosen={chosen !== undefined}>
      <Chooser operations={operations} chosen={chosen} words={q ?? ''} />
      {chosen === undefined ? (
        <p className="o-explorer-hint">{t('explorer.choose')}</p>
      ) : (
        <Suspense fallback={<Waiting rows={8} />}>
          <TryOperation key={chosen.operationId} document={document} operation={chosen} />
        </Suspense>
      )}
    </div>
  )
}
