// The profile of a credential: who may bind and send, its limits, and how messages are read and delivered.
import { Accordion, Button, Group, Stack, TagsInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { notify, notifyRefusal } from '../parts/Notices'
import type { SchemaValues } from '../parts/schema'
import { SchemaForm } from '../parts/SchemaForm'
import { useForm } from '../parts/useForm'
import { ServerWords } from '../parts/Values'
import { GROUPS, type Group as GroupName, patched, patchOf, type Profile, schemaOf, valuesOf } from './profile'
import { type Credential, CREDENTIALS } from './smpp'

const NAMES = Object.keys(GROUPS) as GroupName[]

export function ProfileForm({ credential }: { credential: Credential }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [base, setBase] = useState(credential)
  const [open, setOpen] = useState<string[]>([])
  const before = valuesOf(base.profile)
  const body = (profile: SchemaValues) => ({ profile: patchOf(before, profile) as Profile })
  const form = useForm<{ profile: SchemaValues }>({
    initial: { profile: before },
    send: async ({ profile }) => {
      const params = { path: { id: base.id }, header: { 'if-match': `"${base.version}"` } }
      const saved = await take(api.PATCH('/v1/smpp-credentials/{id}', { params, body: body(profile) }))
      setBase(saved)
      // What was emptied has its default again.
      form.reset({ profile: valuesOf(saved.profile) })
      await queries.invalidateQueries({ queryKey: [CREDENTIALS] })
      notify(t('smpp.saved', { name: saved.system_id }))
      return false
    },
  })
  const changed = Object.keys(patchOf(before, form.values.profile)).length > 0
  const { reset } = form
  useEffect(() => {
    // Without changes of one's own, the form follows what others change.
    if (changed || credential.version <= base.version) return
    setBase(credential)
    reset({ profile: valuesOf(credential.profile) })
  }, [changed, credential, base.version, reset])
  /** Somebody else changed it: what they changed, with my changes on top. */
  const keepMine = async (): Promise<void> => {
    const mine = patchOf(before, form.values.profile)
    const now = await take(api.GET('/v1/smpp-credentials/{id}', { params: { path: { id: base.id } } }))
    setBase(now)
    reset({ profile: valuesOf(now.profile) })
    form.change({ profile: patched(valuesOf(now.profile), mine) })
  }
  const { profile } = form.values
  const set = (changes: SchemaValues): void => form.change({ profile: { ...profile, ...changes } })
  // `profile.allowed_networks[1]` is of the field `allowed_networks`.
  const wrong = form.refusal?.param?.replace(/^profile\./, '').split(/[.[]/)[0]
  const errors: Record<string, ReactNode> = wrong === undefined ? {} : { [`profile.${wrong}`]: <ServerWords>{form.refusal?.problem.detail ?? ''}</ServerWords> }
  const list = (name: 'allowed_networks' | 'allowed_senders') => {
    const value = profile[name]
    return {
      value: Array.isArray(value) ? value.map(String) : [],
      onChange: (to: string[]) => set({ [name]: to }),
      error: errors[`profile.${name}`],
      'data-field': `profile.${name}`,
      dir: 'ltr' as const,
      clearButtonProps: { 'aria-label': t('parts.clear') },
      acceptValueOnBlur: true,
    }
  }
  const at = NAMES.find((name) => wrong !== undefined && wrong in (schemaOf(name).properties ?? {}))
  return (
    <form {...form.props}>
      <Stack>
        <TagsInput {...list('allowed_networks')} label={t('smpp.networks')} description={t('smpp.networksAbout')} placeholder="192.0.2.0/24" />
        <TagsInput {...list('allowed_senders')} label={t('smpp.senders')} description={t('smpp.sendersAbout')} />
        <Accordion multiple variant="contained" order={3} value={at === undefined ? open : [...new Set([...open, at])]} onChange={setOpen}>
          {NAMES.map((name) => (
            <Accordion.Item key={name} value={name}>
              <Accordion.Control>{t(`smpp.group.${name}`)}</Accordion.Control>
              <Accordion.Panel>
                <SchemaForm schema={schemaOf(name)} value={profile} onChange={(to) => form.change({ profile: to })} errors={errors} at="profile" />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
        {/* The field may be in a group that is closed, so that the reason stands here, too. */}
        <FormErrors form={{ ...form, at: null }} />
        {form.refusal?.code === 'precondition_failed' && (
          <Group>
            <Button variant="default" onClick={() => void keepMine().catch(notifyRefusal)}>{t('smpp.keepMine')}</Button>
          </Group>
        )}
        <FormActions>
          <Act calls="PATCH /v1/smpp-credentials/{id}" type="submit" loading={form.busy}>{t('smpp.save')}</Act>
          {changed && <Button variant="default" onClick={() => form.reset({ profile: before })}>{t('smpp.discard')}</Button>}
          <CopyAsCode request={{ operation: 'PATCH /v1/smpp-credentials/{id}', path: { id: base.id }, body: body(profile) }} />
        </FormActions>
      </Stack>
    </form>
  )
}
