// The form of a saved report: what is counted, over which span, when it runs, and where it is sent.
import { Button, Checkbox, Fieldset, Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { FormActions } from '../parts/FormActions'
import { weekdayName } from '../parts/calendar'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { type Form, useForm } from '../parts/useForm'
import { bodyOf, DIMENSIONS, EVERY, FORMATS, NAMES, SAVED, type SavedReport, STEPS, UNITS, type Values, valuesOf, WEEKDAYS } from './report'

type Props = { onClose: () => void } & ({ report: SavedReport; initial?: undefined } | { report?: undefined; initial: Values })

export function EditReport({ report, initial, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const form = useForm<Values>({
    initial: report === undefined ? initial : valuesOf(report),
    names: NAMES,
    send: async (values) => {
      const body = bodyOf(values)
      if (report === undefined) {
        const made = await take(api.POST('/v1/reports/saved', { body }))
        await queries.invalidateQueries({ queryKey: [SAVED] })
        notify(t('reports.made', { name: made.name }))
        void navigate({ to: '/reports/$id', params: { id: made.id } })
        return
      }
      const params = { path: { id: report.id }, header: { 'if-match': `"${report.version}"` } }
      await take(api.PATCH('/v1/reports/saved/{id}', { params, body }))
      await queries.invalidateQueries({ queryKey: [SAVED] })
      onClose()
      notify(t('reports.changed', { name: values.name }))
    },
  })
  const { values } = form
  return (
    <Dialog onClose={onClose} title={report === undefined ? t('reports.make') : t('reports.edit')} size="xl">
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('name')} label={t('reports.name')} description={t('reports.nameAbout')} dir="auto" maxLength={100} data-autofocus />
          <Counted form={form} />
          <Fieldset legend={t('reports.when')}>
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, xs: 2 }}>
                <NumberInput {...form.field('last')} label={t('reports.lastCount')} min={0} max={400} allowDecimal={false} clampBehavior="none" />
                <Select {...form.field('unit')} label={t('reports.unit')} allowDeselect={false} data={UNITS.map((value) => ({ value, label: t(`reports.unit.${value}`) }))} />
              </SimpleGrid>
              <Switch {...form.check('current')} label={t('reports.current')} />
              <SimpleGrid cols={{ base: 1, xs: 2 }}>
                <Select {...form.field('every')} label={t('reports.schedule')} allowDeselect={false} data={EVERY.map((value) => ({ value, label: t(`reports.every.${value}`) }))} />
                {values.every !== 'never' && <TextInput {...form.field('at')} label={t('reports.at')} type="time" dir="ltr" />}
              </SimpleGrid>
              {values.every === 'week' && (
                <Checkbox.Group {...form.field('weekdays')} label={t('reports.weekdays')}>
                  <Group gap="sm" mt="xs">
                    {WEEKDAYS.map((name, place) => (
                      <Checkbox key={name} value={name} label={weekdayName(place, 'long')} />
                    ))}
                  </Group>
                </Checkbox.Group>
              )}
              {values.every === 'month' && (
                <TagsInput {...form.field('days')} label={t('reports.days')} description={t('reports.daysAbout')} dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />
              )}
            </Stack>
          </Fieldset>
          <Fieldset legend={t('reports.target')}>
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, xs: 2 }}>
                <Select {...form.field('target')} label={t('reports.sendTo')} allowDeselect={false} data={(['nobody', 'mail', 'url'] as const).map((value) => ({ value, label: t(`reports.target.${value}`) }))} />
                <Select {...form.field('format')} label={t('reports.format')} allowDeselect={false} data={FORMATS.map((value) => ({ value, label: FORMAT_NAMES[value] }))} />
              </SimpleGrid>
              {values.target === 'mail' && <TagsInput {...form.field('recipients')} label={t('reports.recipients')} placeholder="team@example.com" dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />}
              {values.target === 'url' && <TextInput {...form.field('url')} label={t('reports.url')} description={t('reports.urlAbout')} placeholder="https://example.com/reports" dir="ltr" />}
            </Stack>
          </Fieldset>
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={report === undefined ? { operation: 'POST /v1/reports/saved', body: bodyOf(values) } : { operation: 'PATCH /v1/reports/saved/{id}', path: { id: report.id }, body: bodyOf(values) }} />}>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {report === undefined ? t('reports.makeDo') : t('reports.save')}
            </Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}

export const FORMAT_NAMES = { csv: 'CSV', jsonl: 'JSON Lines', parquet: 'Parquet' } as const

/** What the report counts. */
function Counted({ form }: { form: Form<Values> }): ReactNode {
  const t = useT()
  return (
    <Fieldset legend={t('reports.what')}>
      <Stack gap="sm">
        <MultiSelect {...form.field('by')} label={t('reports.by')} description={t('reports.byAbout')} data={DIMENSIONS.map((value) => ({ value, label: t(`reports.dimension.${value}`) }))} clearable clearButtonProps={{ 'aria-label': t('parts.clear') }} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Select {...form.field('step')} label={t('reports.stepLabel')} allowDeselect={false} data={[{ value: '', label: t('reports.noStep') }, ...STEPS.map((value) => ({ value, label: t(`reports.step.${value}`) }))]} />
          <TextInput {...form.field('zone')} label={t('reports.zone')} placeholder="Europe/Berlin" dir="ltr" />
        </SimpleGrid>
        <TagsInput {...form.field('only')} label={t('reports.only')} description={t('reports.onlyAbout')} placeholder="country=DE" dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />
        <Switch {...form.check('times')} label={t('reports.times')} />
        <Switch {...form.check('below')} label={t('reports.below')} />
      </Stack>
    </Fieldset>
  )
}
