// Where the texts of a template are registered: the ids that a country or a carrier asks for with each message.
import { Group, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Icon } from '../parts/Icon'
import { Named } from '../parts/Named'
import { notify } from '../parts/Notices'
import { NothingYet } from '../parts/States'
import { Count, Ident } from '../parts/Values'
import { languageName } from './languages'
import { type Registration, type Template, TEMPLATES } from './template'
import './templates.css'

const EditRegistration = lazy(() => import('./EditRegistration').then((found) => ({ default: found.EditRegistration })))

export function Registrations({ template }: { template: Template }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  /** The place of the one that is edited; one behind the last is new. */
  const [edits, setEdits] = useState<number | null>(null)
  const [drops, setDrops] = useState<number | null>(null)
  const { registrations } = template
  const save = async (to: Registration[]): Promise<void> => {
    const params = { path: { id: template.id }, header: { 'if-match': `"${template.version}"` } }
    await take(api.PATCH('/v1/templates/{id}', { params, body: { registrations: to } }))
    await queries.invalidateQueries({ queryKey: [TEMPLATES] })
    notify(t('templates.registrationsDone'))
  }
  const add = (
    <Act calls="PATCH /v1/templates/{id}" variant="default" leftSection={<Icon name="plus" />} onClick={() => setEdits(registrations.length)}>
      {t('templates.register')}
    </Act>
  )
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed" maw="40rem">
          {t('templates.registrationsAbout')}
        </Text>
        {registrations.length > 0 && add}
      </Group>
      {registrations.length === 0 ? (
        <NothingYet icon="globe" title={t('templates.noRegistrations')} about={t('templates.noRegistrationsAbout')} action={add} />
      ) : (
        <div className="o-table-frame" tabIndex={0} role="region" aria-label={t('templates.view.registrations')}>
          <table className="o-table o-registrations">
            <thead>
              <tr>
                <th scope="col">{t('templates.country')}</th>
                <th scope="col">{t('templates.ids')}</th>
                <th scope="col">{t('templates.carrier')}</th>
                <th scope="col">{t('templates.language')}</th>
                <th scope="col">{t('templates.version')}</th>
                <th scope="col">
                  <span className="o-visually-hidden">{t('templates.actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {registrations.map((one, place) => (
                <tr key={place}>
                  <th scope="row">{countryName(one.country)}</th>
                  <td>
                    {Object.entries(one.ids).map(([name, id]) => (
                      <div key={name}>
                        <Ident>{name}</Ident>: <Ident>{id}</Ident>
                      </div>
                    ))}
                  </td>
                  <td>{one.carrier == null ? t('templates.every') : <Named id={one.carrier} />}</td>
                  <td>{one.language == null ? t('templates.every') : languageName(one.language)}</td>
                  <td>{one.number == null ? t('templates.every') : <Count value={one.number} />}</td>
                  <td>
                    <Group gap={4} wrap="nowrap">
                      <Act calls="PATCH /v1/templates/{id}" variant="default" size="compact-sm" onClick={() => setEdits(place)}>
                        {t('templates.edit')}
                      </Act>
                      <Act calls="PATCH /v1/templates/{id}" variant="default" size="compact-sm" onClick={() => setDrops(place)}>
                        {t('templates.remove')}
                      </Act>
                    </Group>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Suspense>
        {edits !== null && <EditRegistration template={template} place={edits} save={save} onClose={() => setEdits(null)} />}
        {drops !== null && (
          <ConfirmDialog title={t('templates.dropRegistration')} action={t('templates.remove')} onClose={() => setDrops(null)} onConfirm={() => save(registrations.filter((_, place) => place !== drops))}>
            {t('templates.dropRegistrationAbout')}
          </ConfirmDialog>
        )}
      </Suspense>
    </>
  )
}
