// Makes and changes a carrier: its type, its settings, its cost; checked before it is saved.
//
// Rules kept here:
// - a wanted field that is empty is said first: nothing is asked of the server, and no password of the person;
// - settings that were not checked as they are now are checked first; what the check finds wrong is mended or saved
//   all the same, as the person decides;
// - what another operator changed meanwhile is shown, and nothing of it is overwritten without a choice.
import { Button, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type FormEvent, lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { isRefusal, missing } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { PageHead } from '../parts/PageHead'
import { SchemaForm } from '../parts/SchemaForm'
import { Fault, useForm } from '../parts/useForm'
import { CARRIERS, STATES, useCarrier, useTypes } from './carrier'
import { type Check, CheckPanel } from './CheckPanel'
import { blank, type Carrier, type CarrierType, changesOf, keptOf, missingOf, patchOf, same, schemaOf, settingsOf, tomlOf, type Values, valuesOf, withoutSecrets } from './form'
import { useGroupTitle, useSay, useTypeName } from './names'
import { TypePicker } from './TypePicker'
import './carriers.css'
import './form.css'

const Conflict = lazy(() => import('./Conflict').then((found) => ({ default: found.Conflict })))

export function NewCarrierPage(): ReactNode {
  const t = useT()
  const { type: chosen, like } = useSearch({ from: '/shell/carriers/new' })
  const navigate = useNavigate({ from: '/carriers/new' })
  const types = useTypes()
  const pick = (type: string | undefined): void => void navigate({ search: (before) => ({ ...before, type }) })
  return (
    <FoundPage query={types}>
      {({ data }) => {
        const type = data.find((each) => each.type === chosen)
        if (like !== undefined) return <Like types={data} id={like} />
        if (type === undefined) {
          return (
            <>
              <PageHead before={<BackToList />} title={t('carriers.make')} about={t('carriers.makeAbout')} />
              <TypePicker types={data} onPick={pick} />
            </>
          )
        }
        return <CarrierForm key={type.type} typeName={type.type} type={type} initial={blank()} onOtherType={() => pick(undefined)} />
      }}
    </FoundPage>
  )
}

/** A new carrier with the settings of another one, but for its name and its secrets. */
function Like({ types, id }: { types: CarrierType[]; id: string }): ReactNode {
  const carrier = useCarrier(id)
  return (
    <FoundPage query={carrier}>
      {(found) => {
        const type = types.find((each) => each.type === found.type)
        return <CarrierForm typeName={found.type} type={type} initial={{ ...valuesOf(found, type), name: '', settings: settingsOf(found, type) }} />
      }}
    </FoundPage>
  )
}

export function ChangeCarrierPage(): ReactNode {
  const { id } = useParams({ from: '/shell/carriers/$id/change' })
  const types = useTypes()
  const carrier = useCarrier(id)
  return (
    <FoundPage query={types}>
      {({ data }) => (
        <FoundPage query={carrier}>
          {(found) => {
            const type = data.find((each) => each.type === found.type)
            return <CarrierForm key={found.id} typeName={found.type} type={type} carrier={found} initial={valuesOf(found, type)} />
          }}
        </FoundPage>
      )}
    </FoundPage>
  )
}

function BackToCarrier({ carrier }: { carrier: Carrier }): ReactNode {
  return (
    <TextLink to="/carriers/$id" params={{ id: carrier.id }} size="sm">
      <Icon name="left" size={14} /> <bdi dir="auto">{carrier.name}</bdi>
    </TextLink>
  )
}

type FormProps = { typeName: string; type: CarrierType | undefined; carrier?: Carrier; initial: Values; onOtherType?: () => void }

function CarrierForm({ typeName, type, carrier, initial, onOtherType }: FormProps): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const groupTitle = useGroupTitle()
  const say = useSay()
  const nameOf = useTypeName()
  // The version that the form began with. Another one, after a conflict.
  const [base, setBase] = useState({ carrier, values: initial })
  const [check, setCheck] = useState<{ of: unknown; found: Check } | null>(null)
  const [checking, setChecking] = useState(false)
  const [reveal, setReveal] = useState<{ path: string } | null>(null)
  const [theirs, setTheirs] = useState<Carrier | null>(null)
  const schema = schemaOf(type)
  const kept = base.carrier === undefined ? undefined : keptOf(base.carrier, type)

  const save = async (values: Values, from = base): Promise<void> => {
    if (from.carrier === undefined) {
      await saved(await take(api.POST('/v1/carriers', { body: { ...tidy(values), type: typeName } })), 'made')
      return
    }
    const params = { path: { id: from.carrier.id }, header: { 'if-match': `"${from.carrier.version}"` } }
    try {
      await saved(await take(api.PATCH('/v1/carriers/{id}', { params, body: patchOf(changesOf(from.values, tidy(values))) })), 'changed')
    } catch (error) {
      if (!isRefusal(error, 'precondition_failed')) throw error
      setTheirs(await take(api.GET('/v1/carriers/{id}', { params: { path: { id: from.carrier.id } } })))
      throw error
    }
  }
  const saved = async (to: Carrier, what: 'made' | 'changed'): Promise<void> => {
    form.reset(form.values)
    await Promise.all([CARRIERS, STATES].map((key) => queries.invalidateQueries({ queryKey: [key] })))
    notify(t(`carriers.saved.${what}`, { name: to.name }))
    await navigate({ to: '/carriers/$id', params: { id: to.id } })
  }
  const form = useForm<Values>({ initial, send: save, within: Object.keys(schema.properties ?? {}).map((name) => `settings.${name}`) })
  const { values } = form

  const patch = patchOf(changesOf(base.values, values)).settings ?? {}
  const isNew = base.carrier === undefined
  const checkable = type !== undefined && !type.simulated
  const subject = isNew ? values.settings : patch
  const isChecked = check !== null && same(check.of, subject)
  const due = checkable && !(isChecked && check.found.ok) && (isNew || !same(patch, {}))
  const failed = isChecked && !check.found.ok

  const runCheck = async (): Promise<boolean> => {
    form.refuse(null)
    setChecking(true)
    try {
      const whose = base.carrier === undefined ? { type: typeName } : { carrier: base.carrier.id }
      const found = await take(api.POST('/v1/carriers/check', { body: { ...whose, settings: subject } }))
      setCheck({ of: subject, found })
      return found.ok
    } catch (error) {
      setCheck(null)
      form.refuse(error)
      return false
    } finally {
      setChecking(false)
    }
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (checking || form.busy) return
    // Before the check, which may ask for the password first.
    const lacking = missingOf(values, schema, kept)
    if (lacking !== null) return form.refuse(missing(lacking))
    if (!due || (await runCheck())) form.submit()
  }
  const mend = (name: string): void => {
    const path = `settings.${name}`
    setReveal({ path })
    requestAnimationFrame(() => requestAnimationFrame(() => fieldOf(form.props.ref.current, path)?.focus()))
  }
  const settle = async (keep: Values): Promise<void> => {
    if (theirs === null) return
    const next = { carrier: theirs, values: valuesOf(theirs, type) }
    setTheirs(null)
    setBase(next)
    form.change(keep)
    if (same(keep, next.values)) {
      form.reset(keep)
      await queries.invalidateQueries({ queryKey: [CARRIERS] })
      return
    }
    try {
      await save(keep, next)
    } catch (error) {
      form.refuse(error)
    }
  }

  const errors = form.at !== null && form.refusal !== null ? { [form.at]: <Fault refusal={form.refusal} /> } : {}
  const shown = { ...values, settings: withoutSecrets(values.settings, type) }
  const code = base.carrier === undefined
    ? { operation: 'POST /v1/carriers' as const, body: { ...tidy(shown), type: typeName } }
    : { operation: 'PATCH /v1/carriers/{id}' as const, path: { id: base.carrier.id }, body: patchOf(changesOf(base.values, tidy(shown))) }
  return (
    <>
      <PageHead
        before={carrier === undefined ? <BackToList /> : <BackToCarrier carrier={carrier} />}
        title={carrier === undefined ? t('carriers.makeOf', { type: nameOf(typeName) }) : t('carriers.changeOf', { name: carrier.name })}
        about={carrier === undefined ? t('carriers.makeAbout') : t('carriers.changeAbout')}
        actions={
          <>
            {onOtherType !== undefined && (
              <Button variant="default" leftSection={<Icon name="left" />} onClick={onOtherType}>
                {t('carriers.otherType')}
              </Button>
            )}
            <CopyAsCode request={{ ...code, file: tomlOf(typeName, shown) }} />
          </>
        }
      />
      <form {...form.props} onSubmit={(event) => void submit(event)} className="o-carrier-form">
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput {...form.field('name')} label={t('carriers.name')} description={t('carriers.nameAbout')} dir="ltr" autoComplete="off" maxLength={100} withAsterisk />
          </SimpleGrid>
          {type === undefined ? (
            <Text c="dimmed">{t('carriers.noType', { type: typeName })}</Text>
          ) : (
            <SchemaForm schema={schema} value={values.settings} onChange={(settings) => form.change({ settings })} errors={errors} at="settings" kept={kept} reveal={reveal} groupTitle={groupTitle} say={say} />
          )}
          <fieldset className="o-carrier-rest">
            <legend>{t('carriers.costAndState')}</legend>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput {...form.field('cost_per_segment')} label={t('carriers.cost')} description={t('carriers.costAbout')} inputMode="decimal" dir="ltr" />
              <TextInput {...form.field('currency')} label={t('carriers.currency')} description={t('carriers.currencyAbout')} maxLength={3} dir="ltr" />
            </SimpleGrid>
            <Switch mt="md" {...form.check('enabled')} label={t('carriers.enabled')} description={t('carriers.enabledAbout')} />
          </fieldset>
          {/* A fault of the settings as a whole has no field of its own. */}
          <FormErrors form={form.at === 'settings' ? { ...form, at: null } : form} />
          <FormActions>
            {due ? (
              <Act calls="POST /v1/carriers/check" type="submit" loading={checking || form.busy}>
                {failed ? t('carriers.checkAgain') : t('carriers.checkAndSave')}
              </Act>
            ) : (
              <Act calls={isNew ? 'POST /v1/carriers' : 'PATCH /v1/carriers/{id}'} type="submit" loading={form.busy} disabled={!isNew && !form.dirty}>
                {t('carriers.save')}
              </Act>
            )}
            {failed && (
              <Button variant="default" loading={form.busy} onClick={() => form.submit()}>
                {t('carriers.saveAnyway')}
              </Button>
            )}
            {carrier === undefined ? (
              <ButtonLink variant="subtle" to="/carriers">{t('parts.cancel')}</ButtonLink>
            ) : (
              <ButtonLink variant="subtle" to="/carriers/$id" params={{ id: carrier.id }}>{t('parts.cancel')}</ButtonLink>
            )}
          </FormActions>
        </Stack>
        {checkable && (
          <CheckPanel
            check={check?.found ?? null}
            stale={check !== null && !isChecked}
            busy={checking}
            schema={schema}
            onMend={mend}
            onCheck={() => void runCheck()}
          />
        )}
      </form>
      <Suspense>
        {theirs !== null && (
          <Conflict before={base.values} theirs={valuesOf(theirs, type)} mine={values} carrier={theirs} schema={schema} onClose={() => setTheirs(null)} onSettle={settle} />
        )}
      </Suspense>
    </>
  )
}

const tidy = ({ cost_per_segment: cost, currency, ...values }: Values): Values => ({
  ...values, name: values.name.trim(), cost_per_segment: cost.trim() === '' ? '0.00' : cost.trim(), currency: currency.trim().toUpperCase(),
})

const fieldOf = (form: HTMLElement | null, path: string): HTMLElement | null => {
  const named = form?.querySelector<HTMLElement>(`[data-field="${CSS.escape(path)}"]`) ?? null
  return named?.matches('input, textarea, select, button') ? named : (named?.querySelector<HTMLElement>('input, textarea, select, button') ?? null)
}
