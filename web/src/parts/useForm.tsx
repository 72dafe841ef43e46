// A form whose word has the API: it is sent as it is, and what the API refuses stands at its field.
//
// Rules kept here:
// - `param` of a problem names the field (`name`, `tags[1]`, `settings.host`): the error stands there, and the focus
//   goes there. What names no field of the form stands above the button (`<FormErrors>`);
// - a form with something in it is not left by chance (`app/unsaved.ts`);
// - while it is sent, it cannot be sent again.
import { type FormEvent, type ReactNode, type SyntheticEvent, useEffect, useRef, useState } from 'react'
import { isRefusal, type Refusal } from '../api/problem'
import { useUnsaved } from '../app/unsaved'
import { useT } from '../i18n/i18n'
import { ServerWords } from './Ident'

type Given = SyntheticEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement> | unknown

export type FieldProps<T> = {
  name: string
  value: T
  onChange: (given: Given) => void
  error: ReactNode
  'data-field': string
  /** Mantine sets it on some inputs only. */
  'aria-invalid': true | undefined
}

export type Form<V> = {
  values: V
  change: (changes: Partial<V>) => void
  /** The props of an input: `<TextInput {...form.field('name')} />`. */
  field: <K extends keyof V & string>(name: K) => FieldProps<V[K]>
  /** The same for a checkbox or switch. */
  check: <K extends keyof V & string>(name: K) => Omit<FieldProps<V[K]>, 'value'> & { checked: boolean }
  refusal: Refusal | null
  /** The field that the refusal names, if it is one of this form. */
  at: string | null
  busy: boolean
  dirty: boolean
  submit: (event?: FormEvent) => void
  /** Show why another call of the form was refused; null takes it away. */
  refuse: (error: unknown) => void
  reset: (values?: V) => void
  /** The props of the form element. */
  props: { ref: React.RefObject<HTMLFormElement | null>; onSubmit: (event: FormEvent) => void; noValidate: true }
}

type Options<V> = {
  initial: V
  /** Resolves to false if nothing is saved yet: the form only leads to a next step. */
  send: (values: V) => Promise<unknown>
  /** What `param` calls a field that has another name here. */
  names?: Record<string, string>
  /** The paths of further fields, which stand within a value: `settings.host`. */
  within?: readonly string[]
}

/** `send` sends the values and says what follows; a `Refusal` that it throws is shown in the form. */
export function useForm<V extends object>({ initial, send, names = {}, within = [] }: Options<V>): Form<V> {
  const [first, setFirst] = useState(initial)
  const [values, setValues] = useState(initial)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [busy, setBusy] = useState(false)
  const ref = useRef<HTMLFormElement>(null)
  const dirty = JSON.stringify(values) !== JSON.stringify(first)
  useUnsaved(dirty)

  const fields = [...Object.keys(values), ...within]
  const at = fieldOf(refusal, fields, names)
  // Once what was refused is shown: before that there is nothing that could have the focus.
  useEffect(() => {
    if (refusal !== null) focus(ref.current, at)
  }, [refusal]) // not when another field takes the place of the refused one
  const change = (changes: Partial<V>): void => setValues((before) => ({ ...before, ...changes }))

  const submit = (event?: FormEvent): void => {
    event?.preventDefault()
    if (!busy) void go()
  }
  const go = async (): Promise<void> => {
    setBusy(true)
    setRefusal(null)
    try {
      const saved = await send(values)
      if (saved !== false) setFirst(values)
    } catch (error) {
      refuse(error)
    } finally {
      setBusy(false)
    }
  }
  const refuse = (error: unknown): void => {
    if (error === null) return setRefusal(null)
    if (!isRefusal(error)) throw error
    setRefusal(error)
  }
  const props = <K extends keyof V & string>(name: K): Omit<FieldProps<V[K]>, 'value'> => ({
    name,
    'data-field': name,
    onChange: (given) => change({ [name]: valueOf(given) } as Partial<V>),
    'aria-invalid': at === name || undefined,
    error: at === name && refusal !== null ? <Fault refusal={refusal} empty={values[name] === ''} /> : null,
  })

  return {
    values,
    change,
    field: (name) => ({ ...props(name), value: values[name] }),
    check: (name) => ({ ...props(name), checked: Boolean(values[name]) }),
    refusal,
    at,
    busy,
    dirty,
    submit,
    refuse,
    reset: (to) => {
      setFirst(to ?? first)
      setValues(to ?? first)
      setRefusal(null)
    },
    props: { ref, onSubmit: submit, noValidate: true },
  }
}

/** How the server says that a value is missing: of an empty one, every rule of its length or form does. */
export const LACKS = /\bmust (?:not be empty|be|have)\b|is missing/

/** What is wrong with a field. Of one that is empty, nobody has to read a rule. */
export function Fault({ refusal, empty = false }: { refusal: Refusal; empty?: boolean }): ReactNode {
  const t = useT()
  const { detail } = refusal.problem
  return detail === '' || (empty && LACKS.test(detail)) ? t('parts.needed') : <ServerWords>{detail}</ServerWords>
}

/** The field of a form that a refusal names: `tags` for `tags[1]`, `settings.host` for itself or `settings`. */
export function fieldOf(refusal: Refusal | null, fields: readonly string[], names: Record<string, string> = {}): string | null {
  const param = refusal?.param
  if (param === null || param === undefined) return null
  const wanted = names[param] ?? param
  for (let path = wanted; path !== ''; path = path.replace(/(\.[^.[]*|\[\d+\]|^[^.[]+)$/, '')) {
    const name = names[path] ?? path
    if (fields.includes(name)) return name
  }
  return null
}

function valueOf(given: Given): unknown {
  if (typeof given !== 'object' || given === null || !('currentTarget' in given)) return given
  const target = given.currentTarget
  if (!(target instanceof HTMLElement)) return given
  if (target instanceof HTMLInputElement && (target.type === 'checkbox' || target.type === 'radio')) return target.checked
  return 'value' in target ? target.value : given
}

/** Focus the field with an error, or else the message above the button. */
function focus(form: HTMLFormElement | null, field: string | null): void {
  const named = field === null ? null : form?.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`)
  const found = named?.matches('input, textarea, select, button') ? named : named?.querySelector<HTMLElement>('input, textarea, select, button')
  ;(found ?? form?.querySelector<HTMLElement>('[data-form-errors]'))?.focus()
}
