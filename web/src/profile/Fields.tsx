// What the profile says of the business. What is verified is open only while the account may change it; an operator
// may correct it.
import { Button, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { Act } from '../parts/Act'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { CONTACT, type Field, FIELDS, IDENTITY, isOpen, type Profile, PROFILES } from './profile'

const LONGEST: Partial<Record<Field, number>> = { country: 2, postal_code: 20, registration_number: 100, tax_id: 100, city: 100, region: 100, contact_name: 100, website: 500, contact_email: 254, contact_phone: 16 }
const HINTS: Partial<Record<Field, string>> = { country: 'DE', website: 'https://', contact_phone: '+493012345678' }
const LATIN: ReadonlySet<Field> = new Set<Field>(['country', 'website', 'contact_email', 'contact_phone', 'postal_code', 'tax_id', 'registration_number'])
const NEEDED: ReadonlySet<Field> = new Set<Field>(['legal_name', 'street', 'city', 'country', 'contact_email'])

export function Fields({ profile }: { profile: Profile }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const operator = useMay('POST /v1/profiles/{account_id}/decide')
  const may = useMay('PATCH /v1/profiles/{account_id}')
  const opened = isOpen(profile) || operator
  const form = useForm<Record<Field, string>>({
    // Each field of the profile is one of the form.
    initial: Object.fromEntries(FIELDS.map((name) => [name, profile[name] ?? ''])) as Record<Field, string>,
    send: async (values) => {
      const body = Object.fromEntries(FIELDS.map((name) => [name, valueOf(name, values[name])]))
      const header = profile.version > 0 ? { 'if-match': `"${profile.version}"` } : {}
      await take(api.PATCH('/v1/profiles/{account_id}', { params: { path: { account_id: profile.account_id }, header }, body }))
      await queries.invalidateQueries({ queryKey: [PROFILES] })
      notify(t('profile.saved'))
    },
  })
  const field = (name: Field, closed: boolean): ReactNode => (
    <TextInput
      key={name}
      {...form.field(name)}
      label={t(`profile.field.${name}`)}
      description={name === 'country' && /^[A-Za-z]{2}$/.test(form.values.country) ? countryName(form.values.country.toUpperCase()) : undefined}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={closed ? undefined : HINTS[name]}
      maxLength={LONGEST[name] ?? 200}
      dir={LATIN.has(name) ? 'ltr' : 'auto'}
      readOnly={closed || !may}
      variant={closed || !may ? 'filled' : undefined}
      withAsterisk={NEEDED.has(name) && !closed}
    />
  )
  return (
    <form {...form.props}>
      <Stack>
        <section aria-labelledby="profile-identity">
          <h2 className="o-section" id="profile-identity">
            {t('profile.identity')}
          </h2>
          {!opened && (
            <Text size="sm" c="dimmed" mb="xs">
              {t('profile.closed')}
            </Text>
          )}
          <SimpleGrid cols={{ base: 1, xs: 2 }}>{IDENTITY.map((name) => field(name, !opened))}</SimpleGrid>
        </section>
        <section aria-labelledby="profile-contact">
          <h2 className="o-section" id="profile-contact">
            {t('profile.contact')}
          </h2>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>{CONTACT.map((name) => field(name, false))}</SimpleGrid>
        </section>
        <FormErrors form={form} />
        <FormActions>
          <Act calls="PATCH /v1/profiles/{account_id}" type="submit" loading={form.busy} disabled={!form.dirty}>
            {t('parts.save')}
          </Act>
          {form.dirty && (
            <Button variant="default" onClick={() => form.reset()}>
              {t('profile.undo')}
            </Button>
          )}
        </FormActions>
      </Stack>
    </form>
  )
}

/** A field as the API takes it: an empty one is cleared. */
function valueOf(name: Field, value: string): string | null {
  const given = value.trim()
  if (given === '') return null
  return name === 'country' ? given.toUpperCase() : given
}
