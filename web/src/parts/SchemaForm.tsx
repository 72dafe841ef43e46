// The fields of a JSON Schema: for settings whose form the server describes. Each field is sent as it is named there.
//
// Rules kept here:
// - an absent field stays absent: the server has its default, which is shown in its place;
// - groups that demand something, hold something or have an error are open; the others show what they are about;
// - a secret is never shown. One that is stored already is kept by leaving it empty.
import { Fieldset, JsonInput, NumberInput, PasswordInput, Select, Switch, TagsInput, TextInput } from '@mantine/core'
import { Fragment, type ReactNode, useEffect, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'
import { MapField } from './MapField'
import { type Group, groupsOf, isValues, plain, type Schema, type SchemaValues, wordsOf } from './schema'
import { ServerWords } from './Values'
import './schema.css'

type Common = {
  /** Errors by path: `settings.host`. */
  errors?: Record<string, ReactNode>
  /** The path of this object in the request: `settings`. */
  at?: string
  /** Names of secrets that are stored: left empty, they stay. */
  kept?: ReadonlySet<string>
  /** What the server says in English, in the person's language. */
  say?: (english: string) => ReactNode
  /** A field whose group is opened: `{ path: 'settings.port' }`, anew for each wish. */
  reveal?: { path: string } | null
}
type Props = Common & {
  schema: Schema
  value: SchemaValues
  onChange: (value: SchemaValues) => void
  /** The title of a group in the person's language. */
  groupTitle?: (name: string, title: string) => ReactNode
  defs?: Record<string, Schema>
}

const NONE: ReadonlySet<string> = new Set()
const asSaid = (english: string): ReactNode => <ServerWords>{english}</ServerWords>

export function SchemaForm({ groupTitle, ...props }: Props): ReactNode {
  const groups = groupsOf(props.schema).filter(({ fields }) => fields.length > 0)
  const [only] = groups
  if (only !== undefined && only.name === '') return <Fields {...props} names={only.fields} />
  return (
    <div className="o-schema">
      {groups.map((group) => (
        <GroupOfFields key={group.name} {...props} group={group} title={groupTitle?.(group.name, group.title) ?? <ServerWords>{group.title}</ServerWords>} />
      ))}
    </div>
  )
}

function GroupOfFields({ group, title, ...props }: Omit<Props, 'groupTitle'> & { group: Group; title: ReactNode }): ReactNode {
  const t = useT()
  const { schema, value, errors = {}, at = '', reveal, say = asSaid } = props
  const paths = group.fields.map((name) => pathOf(at, name))
  const set = group.fields.filter((name) => value[name] !== undefined).length
  const wrong = paths.some((path) => errors[path] != null)
  const [open, setOpen] = useState(() => set > 0 || group.fields.some((name) => schema.required?.includes(name)))
  const revealed = reveal != null && paths.includes(reveal.path)
  useEffect(() => {
    if (revealed || wrong) setOpen(true)
  }, [revealed, wrong, reveal])
  return (
    <details className="o-schema-group" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="right" size={16} />
        <span className="o-schema-title">{title}</span>
        {wrong && <span className="o-schema-wrong"><Icon name="alert" size={14} /> {t('parts.groupWrong')}</span>}
        {!open && (
          <span className="o-schema-about">
            {set > 0 ? t('parts.groupSet', { count: set }) : group.fields.map((name, place) => (
              <Fragment key={name}>
                {place > 0 && ', '}
                {say(plain(schema.properties?.[name] ?? {}).title ?? wordsOf(name))}
              </Fragment>
            ))}
          </span>
        )}
      </summary>
      <Fields {...props} names={group.fields} />
    </details>
  )
}

const pathOf = (at: string, name: string): string => (at === '' ? name : `${at}.${name}`)

function Fields({ schema, value, onChange, errors = {}, at = '', kept = NONE, say = asSaid, defs, names }: Omit<Props, 'groupTitle'> & { names: string[] }): ReactNode {
  const required = new Set(schema.required ?? [])
  const known = defs ?? schema.$defs ?? {}
  return (
    <div className="o-schema-fields">
      {names.map((name) => (
        <Field
          key={name}
          name={name}
          path={pathOf(at, name)}
          schema={plain(schema.properties?.[name] ?? {}, known)}
          defs={known}
          required={required.has(name)}
          kept={kept.has(name)}
          value={value[name]}
          errors={errors}
          say={say}
          onChange={(to) => onChange(changed(value, name, to))}
        />
      ))}
    </div>
  )
}

function changed(value: SchemaValues, name: string, to: unknown): SchemaValues {
  const { [name]: _, ...others } = value
  return to === undefined ? others : { ...others, [name]: to }
}

type FieldProps = {
  name: string
  path: string
  schema: Schema
  defs: Record<string, Schema>
  required: boolean
  kept: boolean
  value: unknown
  errors: Record<string, ReactNode>
  say: (english: string) => ReactNode
  onChange: (value: unknown) => void
}

function Field({ name, path, schema, defs, required, kept, value, errors, say, onChange }: FieldProps): ReactNode {
  const t = useT()
  const common = {
    label: say(schema.title ?? wordsOf(name)),
    description: schema.description === undefined ? undefined : say(schema.description),
    error: errors[path] ?? null,
    withAsterisk: required,
    'data-field': path,
  }
  const hint = schema.default === undefined || schema.default === null || schema.default === '' ? undefined : String(schema.default)

  if (schema.type === 'object' && schema.properties !== undefined) {
    return (
      <Fieldset className="o-schema-wide" legend={common.label}>
        <SchemaForm schema={schema} defs={defs} value={isValues(value) ? value : {}} onChange={(to) => onChange(Object.keys(to).length > 0 ? to : undefined)} errors={errors} say={say} at={path} />
      </Fieldset>
    )
  }
  if (schema.enum !== undefined) {
    const options = schema.enum.filter((each) => each !== null).map(String)
    const take = (to: string | null): void => onChange(to ?? undefined)
    return <Select {...common} dir="ltr" data={options} value={value === undefined ? null : String(value)} placeholder={hint} clearable={!required} clearButtonProps={{ 'aria-label': t('parts.clear') }} onChange={take} />
  }
  if (schema.type === 'boolean') {
    const { withAsterisk: _, ...rest } = common
    return <Switch {...rest} checked={Boolean(value ?? schema.default)} onChange={(event) => onChange(event.currentTarget.checked)} />
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return (
      <NumberInput
        {...common}
        value={typeof value === 'number' ? value : ''}
        min={schema.minimum}
        max={schema.maximum}
        allowDecimal={schema.type === 'number'}
        clampBehavior="none"
        hideControls
        placeholder={hint}
        onChange={(to) => onChange(to === '' ? undefined : Number(to))}
      />
    )
  }
  if (schema.type === 'array') {
    const items = plain(schema.items ?? {}, defs)
    if (items.type === 'string' || items.enum !== undefined) {
      const list = Array.isArray(value) ? value.map(String) : []
      return <TagsInput {...common} className="o-schema-wide" data={items.enum?.map(String)} value={list} clearButtonProps={{ 'aria-label': t('parts.clear') }} onChange={(to) => onChange(to.length > 0 ? to : undefined)} />
    }
  }
  if (schema.type === 'string') {
    const text = typeof value === 'string' ? value : ''
    const take = (to: string): void => onChange(to === '' && (!required || kept) ? undefined : to)
    const rest = { ...common, value: text, maxLength: schema.maxLength }
    return schema['x-secret'] === true || schema.writeOnly === true || schema.format === 'password' ? (
      <PasswordInput
        {...rest}
        placeholder={kept ? t('parts.secretKept') : undefined}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('parts.showSecret') }}
        onChange={(event) => take(event.currentTarget.value)}
      />
    ) : (
      <TextInput {...rest} placeholder={hint} dir="auto" autoComplete="off" onChange={(event) => take(event.currentTarget.value)} />
    )
  }
  const entry = schema.type === 'object' && isValues(schema.additionalProperties) ? plain(schema.additionalProperties, defs) : null
  if (entry !== null && (entry.type === 'string' || entry.type === 'integer')) {
    return <MapField {...common} value={isValues(value) ? value : {}} whole={entry.type === 'integer'} names={schema.propertyNames?.enum?.map(String)} onChange={(to) => onChange(Object.keys(to).length > 0 ? to : undefined)} />
  }
  return <JsonField {...common} value={value} onChange={onChange} />
}

type JsonProps = { value: unknown; onChange: (value: unknown) => void; label: ReactNode; error: ReactNode; description: ReactNode; 'data-field': string }

/** What has no closed shape is written as JSON. */
function JsonField({ value, onChange, ...props }: JsonProps): ReactNode {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return (
    <JsonInput
      {...props}
      className="o-schema-wide"
      value={text}
      placeholder="JSON"
      autosize
      minRows={2}
      dir="ltr"
      onChange={(to) => {
        try {
          onChange(to.trim() === '' ? undefined : JSON.parse(to))
        } catch {
          onChange(to) // the server says what is wrong with it
        }
      }}
    />
  )
}
