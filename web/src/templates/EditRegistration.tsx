// One registration of a template: its country, the ids, and for what it is.
import { Button, Group, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { MapField } from '../parts/MapField'
import type { SchemaValues } from '../parts/schema'
import { useForm } from '../parts/useForm'
import { ServerWords } from '../parts/Values'
import { languageName } from './languages'
import { registrationOf, registrationValues } from './registration'
import { languagesOf, type Registration, type Template } from './template'
import '../parts/schema.css'

type Props = { template: Template; place: number; save: (registrations: Registration[]) => Promise<void>; onClose: () => void }

export function EditRegistration({ template, place, save, onClose }: Props): ReactNode {
  const t = useT()
  const { registrations } = template
  const before = registrations[place]
  const params = ['country', 'carrier', 'language', 'number', 'ids'].map((name) => [`registrations[${place}].${name}`, name])
  const form = useForm({
    initial: registrationValues(before),
    names: Object.fromEntries(params),
    send: async (values) => {
      const made = registrationOf(values)
      await save(before === undefined ? [...registrations, made] : registrations.map((each, at) => (at === place ? made : each)))
      onClose()
    },
  })
  const { country } = form.values
  return (
    <Dialog onClose={onClose} title={before === undefined ? t('templates.register') : t('templates.registration')} size="lg">
      <form {...form.props}>
        <Stack>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput {...form.field('country')} label={t('templates.country')} description={/^[A-Za-z]{2}$/.test(country) ? countryName(country.toUpperCase()) : t('templates.countryAbout')} placeholder="IN" maxLength={2} dir="ltr" data-autofocus />
            <TextInput {...form.field('carrier')} label={t('templates.carrier')} description={t('templates.carrierAbout')} placeholder="car_…" maxLength={40} dir="ltr" />
            <NativeSelect {...form.field('language')} label={t('templates.language')} data={[{ value: '', label: t('templates.every') }, ...languagesOf(template).map((value) => ({ value, label: languageName(value) }))]} />
            <NativeSelect {...form.field('number')} label={t('templates.version')} data={[{ value: '', label: t('templates.every') }, ...Array.from({ length: template.number }, (_, at) => String(template.number - at)).map((value) => ({ value, label: value }))]} />
          </SimpleGrid>
          <MapField
            label={t('templates.ids')}
            description={t('templates.idsAbout')}
            error={form.at === 'ids' && form.refusal !== null ? <ServerWords>{form.refusal.problem.detail}</ServerWords> : null}
            data-field="ids"
            value={form.values.ids as SchemaValues}
            onChange={(ids) => form.change({ ids: ids as Record<string, string> })}
            whole={false}
          />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy} disabled={!form.dirty}>
              {t('parts.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
