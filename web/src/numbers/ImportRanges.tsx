// The form that imports ranges: pasted, or from a file, one a line.
import { Button, Checkbox, FileButton, Group, Stack, Text, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { Ident } from '../parts/Values'
import { MOST_RANGES, RANGES, rangesIn } from './number'

type Values = { written: string; replace: boolean }

/** How many lines that are no range are shown, and how many ranges are in the code. */
const ODD = 5
const IN_CODE = 20

export function ImportRanges({ onClose }: { onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const queries = useQueryClient()
  const form = useForm<Values>({
    initial: { written: '', replace: false },
    names: { ranges: 'written' },
    send: async ({ written, replace }) => {
      const { count } = await take(api.PUT('/v1/number-ranges', { body: { ranges: rangesIn(written).ranges, replace } }))
      await queries.invalidateQueries({ queryKey: [RANGES] })
      notify(t('numbers.imported', { count }))
      onClose()
    },
  })
  const { ranges, odd } = rangesIn(form.values.written)
  const ready = ranges.length > 0 && ranges.length <= MOST_RANGES && odd.length === 0
  const read = (file: File | null): void => void file?.text().then((written) => form.change({ written }))
  return (
    <Dialog onClose={onClose} title={t('numbers.import')} size="lg">
      <form {...form.props}>
        <Stack>
          <Textarea {...form.field('written')} label={t('numbers.ranges')} description={t('numbers.importAbout')} placeholder={'49151,26201\n49152,26202'} autosize minRows={6} maxRows={14} dir="ltr" data-autofocus />
          <Group gap="sm">
            <FileButton onChange={read} accept=".csv,.txt,text/csv,text/plain">
              {(props) => <Button {...props} variant="default" size="xs">{t('numbers.file')}</Button>}
            </FileButton>
            <Text size="sm" c="dimmed" role="status">{t('numbers.read', { number: format.number(ranges.length) })}</Text>
          </Group>
          {ranges.length > MOST_RANGES && <Text c="var(--onesixty-bad)">{t('numbers.tooMany', { number: format.number(MOST_RANGES) })}</Text>}
          {odd.length > 0 && (
            <Text c="var(--onesixty-bad)" size="sm">
              {t('numbers.odd', { number: format.number(odd.length) })} <Ident>{odd.slice(0, ODD).join(' | ')}</Ident>
            </Text>
          )}
          <Checkbox {...form.check('replace')} label={t('numbers.replace')} description={t('numbers.replaceAbout')} />
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: 'PUT /v1/number-ranges', body: { ranges: ranges.slice(0, IN_CODE), replace: form.values.replace } }} />}>
            <Button variant="default" onClick={onClose}>{t('parts.cancel')}</Button>
            <Button type="submit" loading={form.busy} disabled={!ready} color={form.values.replace ? 'red.9' : undefined}>
              {form.values.replace ? t('numbers.replaceDo') : t('numbers.importDo')}
            </Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}
