// Makes, changes and removes a verify profile.
import { Button, Group, MultiSelect, NativeSelect, NumberInput, SimpleGrid, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FoundWords } from '../parts/FoundWords'
import { FormErrors } from '../parts/FormErrors'
import { Marked } from '../parts/Ident'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { useFormat } from '../parts/format'
import { useForm } from '../parts/useForm'
import { ALPHABETS, BLANK, bodyOf, ORDERS, patchOf, type Values, valuesOf } from './profile'
import { SenderField } from './SenderField'
import { TemplateField } from './TemplateField'
import { TestNumbers } from './TestNumbers'
import { Thresholds } from './Thresholds'
import type { Profile } from './useProfiles'
import { GUARDS, PROFILES, useGuardName } from './verification'
import '../parts/schema.css'

/** The fields that few need: they are folded, unless one of them was refused. */
const FURTHER = ['countries', 'languages', 'thresholds', 'budget_hour', 'budget_day', 'report', 'off', 'domain', 'android_hashes'] as const

/** What is warned of in those fields. */
const FOLDED: readonly Profile['findings'][number]['code'][] = ['no_country', 'abused_countries', 'hash_too_long']

/** What few change of codes: folded, too. */
const CODES = ['code_length', 'alphabet', 'life', 'checks', 'sends', 'no_report_after'] as const

type Props = {
  profile?: Profile
  /** What a new one begins with. */
  like?: Profile
  /** Whether it was saved a moment ago, and its warnings are news. */
  warned?: boolean
  onClose: () => void
  /** It is saved, and warns of something that it did not warn of before. */
  onWarned: (saved: Profile) => void
}

export function ProfileForm({ profile, like, warned = false, onClose, onWarned }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const queries = useQueryClient()
  const [removes, setRemoves] = useState(false)
  const [codes, setCodes] = useState(false)
  // What it warns of may be folded.
  const [more, setMore] = useState(warned && profile?.findings.some(({ code }) => FOLDED.includes(code)) === true)
  const begun = profile ?? like
  const initial = begun === undefined ? BLANK : valuesOf(begun)
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: [PROFILES] })
  const form = useForm<Values>({
    initial,
    names: {
      'guards.countries': 'countries', 'guards.thresholds': 'thresholds', 'guards.budget_hour': 'budget_hour', 'guards.budget_day': 'budget_day', 'formats.domain': 'domain',
      'formats.android_hashes': 'android_hashes',
    },
    send: async (values) => {
      const saved = await (profile === undefined
        ? take(api.POST('/v1/verify-profiles', { body: bodyOf(values) }))
        : take(api.PATCH('/v1/verify-profiles/{id}', { params: { path: { id: profile.id }, header: { 'if-match': `"${profile.version}"` } }, body: patchOf(initial, values) })))
      await again()
      const news = saved.warnings.some((warning) => profile === undefined || !profile.warnings.includes(warning))
      notify(t(news ? 'verify.savedWarned' : 'verify.saved', { name: saved.name }))
      if (news) onWarned(saved)
      else onClose()
    },
  })
  const { values } = form
  const guardName = useGuardName()
  const guards = GUARDS.map((value) => ({ value, label: guardName(value) }))
  const request = profile === undefined ? ({ operation: 'POST /v1/verify-profiles', body: bodyOf(values) } as const) : ({ operation: 'PATCH /v1/verify-profiles/{id}', path: { id: profile.id }, body: patchOf(initial, values) } as const)
  const whole = { allowDecimal: false, allowNegative: false, clampBehavior: 'none', hideControls: true } as const

  if (removes && profile !== undefined) {
    return (
      <ConfirmDialog
        title={t('verify.removeTitle', { name: profile.name })}
        action={t('verify.remove')}
        typed={profile.test ? undefined : profile.name}
        onClose={onClose}
        onConfirm={async () => {
          await take(api.DELETE('/v1/verify-profiles/{id}', { params: { path: { id: profile.id } } }))
          await again()
          notify(t('verify.removed'))
        }}
      >
        {t('verify.removeAbout')}
      </ConfirmDialog>
    )
  }
  return (
    <Dialog onClose={onClose} size="lg" title={profile === undefined ? t('verify.make') : t('verify.change', { name: profile.name })}>
      <form {...form.props}>
        <Stack>
          {profile !== undefined && profile.warnings.length > 0 && (
            <section className="o-verify-stopped" aria-labelledby="weak" tabIndex={-1} data-autofocus={warned || undefined}>
              <h2 id="weak">
                <Icon name="alert" size={18} /> {t('verify.weak')}
              </h2>
              <ul className="o-verify-weak">
                {profile.findings.map((found) => (
                  <li key={found.code}><FoundWords found={found} sentence={found.text} of="verify.profile" /></li>
                ))}
              </ul>
            </section>
          )}
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput {...form.field('name')} label={t('verify.name')} description={t('verify.nameAbout')} dir="auto" autoComplete="off" maxLength={64} data-autofocus={profile === undefined || undefined} />
            <TextInput {...form.field('application')} label={t('verify.application')} description={t('verify.applicationAbout')} dir="auto" autoComplete="off" maxLength={40} />
            <SenderField {...form.field('sender')} needed={values.channels.includes('sms')} />
            <NativeSelect {...form.field('channels')} label={t('verify.channels')} description={t('verify.channelsAbout')} data={ORDERS.map((value) => ({ value, label: value.split(',').map((channel) => t(channel === 'sms' ? 'verify.channel.sms' : 'verify.channel.email')).join(' → ') }))} />
            {values.channels.includes(',') && <NumberInput {...form.field('after')} {...whole} label={t('verify.after')} description={t('verify.afterAbout')} />}
            <TextInput {...form.field('language')} label={t('verify.language')} description={t('verify.languageAbout')} dir="ltr" autoComplete="off" maxLength={35} />
            <TemplateField {...form.field('template')} />
          </SimpleGrid>
          <details className="o-schema-group" open={codes || CODES.some((name) => name === form.at)} onToggle={(event) => setCodes(event.currentTarget.open)}>
            <summary>
              <Icon name="right" size={16} />
              <span className="o-schema-title">{t('verify.codes')}</span>
              <span className="o-schema-about">
                {t(`verify.alphabet.${values.alphabet}`)} · {values.code_length} · <bdi>{format.duration(Number(values.life) * 1000)}</bdi>
              </span>
            </summary>
            <SimpleGrid cols={{ base: 1, xs: 2 }} p="md">
              <NumberInput {...form.field('code_length')} {...whole} label={t('verify.codeLength')} description={t('verify.codeLengthAbout')} />
              <NativeSelect {...form.field('alphabet')} label={t('verify.alphabet')} description={t('verify.alphabetAbout')} data={ALPHABETS.map((value) => ({ value, label: t(`verify.alphabet.${value}`) }))} />
              <NumberInput {...form.field('life')} {...whole} label={t('verify.lifeSeconds')} description={t('verify.lifeAbout')} />
              <NumberInput {...form.field('checks')} {...whole} label={t('verify.checks')} description={t('verify.checksAbout')} />
              <NumberInput {...form.field('sends')} {...whole} label={t('verify.mostSends')} description={t('verify.mostSendsAbout')} />
              <NumberInput {...form.field('no_report_after')} {...whole} label={t('verify.noReport')} description={t('verify.noReportAbout')} />
            </SimpleGrid>
          </details>
          <details className="o-schema-group" open={more || FURTHER.some((name) => name === form.at)} onToggle={(event) => setMore(event.currentTarget.open)}>
            <summary>
              <Icon name="right" size={16} />
              <span className="o-schema-title">{t('verify.further')}</span>
            </summary>
            <SimpleGrid cols={{ base: 1, xs: 2 }} p="md">
              <TagsInput {...form.field('countries')} label={t('verify.countries')} description={t('verify.countriesAbout')} placeholder="DE" dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />
              <TagsInput {...form.field('languages')} label={t('verify.languages')} description={t('verify.languagesAbout')} placeholder="CH=fr" dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />
              <TextInput {...form.field('domain')} label={t('verify.domain')} description={t('verify.domainAbout')} dir="ltr" autoComplete="off" />
              <TextInput {...form.field('budget_hour')} label={t('verify.budgetHour')} description={t('verify.budgetAbout')} dir="ltr" autoComplete="off" inputMode="decimal" />
              <TextInput {...form.field('budget_day')} label={t('verify.budgetDay')} description={t('verify.budgetAbout')} dir="ltr" autoComplete="off" inputMode="decimal" />
              <MultiSelect {...form.field('report')} label={t('verify.onlyReport')} description={t('verify.onlyReportAbout')} data={guards.filter(({ value }) => !values.off.includes(value))} clearButtonProps={{ 'aria-label': t('parts.clear') }} />
              <MultiSelect {...form.field('off')} label={t('verify.offGuards')} description={t('verify.offGuardsAbout')} data={guards.filter(({ value }) => !values.report.includes(value))} clearButtonProps={{ 'aria-label': t('parts.clear') }} />
              <TagsInput {...form.field('android_hashes')} label={t('verify.hashes')} description={<Marked>{t('verify.hashesAbout')}</Marked>} dir="ltr" clearButtonProps={{ 'aria-label': t('parts.clear') }} />
            </SimpleGrid>
            <Thresholds value={values.thresholds} off={values.off} onChange={(thresholds) => form.change({ thresholds })} error={form.field('thresholds').error} />
          </details>
          <TestNumbers value={values.test_numbers} onChange={(test_numbers) => form.change({ test_numbers })} error={form.field('test_numbers').error} />
          {profile !== undefined && (
            <Text size="sm">
              <TextLink to="/verify" search={{ profile_id: profile.id }}>
                {t('verify.itsVerifications')}
              </TextLink>{' · '}
              <TextLink to="/verify" search={{ view: 'figures', by: 'country', profile_id: profile.id }}>
                {t('verify.itsFigures')}
              </TextLink>
              {profile.test && (
                <>
                  {' · '}
                  <TextLink to="/verify" search={({ account }) => ({ account, mode: undefined, view: 'profiles' as const, make: 'true' as const, like: profile.id })}>
                    {t('verify.makeLive')}
                  </TextLink>
                </>
              )}
            </Text>
          )}
          <FormErrors form={form} />
          <FormActions
            aside={
              <Group>
                <CopyAsCode request={request} />
                {profile !== undefined && (
                  <Act calls="DELETE /v1/verify-profiles/{id}" variant="default" leftSection={<Icon name="trash" />} onClick={() => setRemoves(true)}>
                    {t('verify.remove')}
                  </Act>
                )}
              </Group>
            }
          >
            <Button variant="default" onClick={onClose}>
              {t(warned ? 'parts.done' : 'parts.cancel')}
            </Button>
            <Act calls={profile === undefined ? 'POST /v1/verify-profiles' : 'PATCH /v1/verify-profiles/{id}'} type="submit" loading={form.busy} disabled={profile !== undefined && !form.dirty}>
              {profile === undefined ? t('verify.makeDo') : t('parts.save')}
            </Act>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}
