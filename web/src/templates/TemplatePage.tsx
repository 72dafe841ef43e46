// One template: its texts and variables with a live preview, its state and what can be done in it, where it is registered,
// and the versions before.
import { Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { Waiting } from '../parts/States'
import { Words } from '../parts/Values'
import { Editor } from './Editor'
import type { Move } from './Moves'
import { VIEWS } from './search'
import { Sent, TemplateState } from './State'
import { movesOf, type Template, TEMPLATES } from './template'

const Moves = lazy(() => import('./Moves').then((found) => ({ default: found.Moves })))
const Registrations = lazy(() => import('./Registrations').then((found) => ({ default: found.Registrations })))
const Versions = lazy(() => import('./Versions').then((found) => ({ default: found.Versions })))

export function TemplatePage(): ReactNode {
  const { id } = useParams({ from: '/shell/templates/$id' })
  const api = useApi()
  const query = useQuery({ queryKey: [TEMPLATES, id], queryFn: () => take(api.GET('/v1/templates/{id}', { params: { path: { id } } })) })
  return <FoundPage query={query}>{(template) => <OneTemplate key={id} template={template} />}</FoundPage>
}

function OneTemplate({ template }: { template: Template }): ReactNode {
  const t = useT()
  const { view } = useSearch({ from: '/shell/templates/$id' })
  const navigate = useNavigate({ from: '/templates/$id' })
  const [move, setMove] = useState<Move | null>(null)
  const can = movesOf(template)
  const show = (to: string | null): void => void navigate({ search: (before) => ({ ...before, number: undefined, view: VIEWS.find((each) => each === to) }) })
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={template.name}
        about={
          <>
            <TemplateState state={template.state} rejected={template.reasons.length > 0} /> {t('templates.versionNumber', { number: template.number })} · <Sent template={template} />
          </>
        }
        actions={
          <>
            {can.submit && (
              <Act calls="POST /v1/templates/{id}/submit" leftSection={<Icon name="send" />} onClick={() => setMove('submit')}>
                {t('templates.submit')}
              </Act>
            )}
            {can.decide && (
              <>
                <Act calls="POST /v1/templates/{id}/decide" leftSection={<Icon name="check" />} onClick={() => setMove('approve')}>
                  {t('templates.approve')}
                </Act>
                <Act calls="POST /v1/templates/{id}/decide" ends leftSection={<Icon name="cross" />} onClick={() => setMove('reject')}>
                  {t('templates.reject')}
                </Act>
              </>
            )}
            {can.withdraw && (
              <Act calls="POST /v1/templates/{id}/withdraw" variant="default" leftSection={<Icon name="edit" />} onClick={() => setMove('withdraw')}>
                {t('templates.withdraw')}
              </Act>
            )}
            {can.retire && (
              <Act calls="POST /v1/templates/{id}/retire" ends leftSection={<Icon name="stop" />} onClick={() => setMove('retire')}>
                {t('templates.retire')}
              </Act>
            )}
            {can.remove && (
              <Act calls="DELETE /v1/templates/{id}" ends leftSection={<Icon name="trash" />} onClick={() => setMove('remove')}>
                {t('templates.remove')}
              </Act>
            )}
          </>
        }
      />
      {template.reasons.length > 0 && (
        <div className="o-refused o-template-reasons" role="note">
          <Text fw={600}>{t('templates.rejected')}</Text>
          <ul>
            {template.reasons.map((reason) => (
              <li key={reason}>
                <Words>{reason}</Words>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Tabs value={view ?? 'text'} onChange={show} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="text">{t('templates.view.text')}</Tabs.Tab>
          <Tabs.Tab value="registrations">{t('templates.view.registrations')}</Tabs.Tab>
          <Tabs.Tab value="versions">{t('templates.view.versions')}</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Waiting />}>
          <Tabs.Panel value="text">
            <Editor template={template} />
          </Tabs.Panel>
          <Tabs.Panel value="registrations">
            <Registrations template={template} />
          </Tabs.Panel>
          <Tabs.Panel value="versions">
            <Versions template={template} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
      <Suspense>{move !== null && <Moves template={template} move={move} onClose={() => setMove(null)} />}</Suspense>
    </>
  )
}
