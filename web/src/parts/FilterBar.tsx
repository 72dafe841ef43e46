// Filters as tokens, each with a small menu of its own; the box suggests what its text may mean.
//
// Rules kept here:
// - the filters are in the URL: the page hands over its search parameters, and gets the changed ones;
// - a filter with several values is "one of them"; its negation (`status_not`) is "none of them", and is a token of its
//   own. What is typed behind `-` or `!` is to be left out;
// - a value that a filter cannot have is not suggested, and one that only the API knows to be wrong (a carrier that there
//   is not) is dropped once it says so, with a notice;
// - typing and Enter suffices; so do the arrow keys. Backspace in an empty box takes the last token away.
import { CloseButton, Combobox, InputBase, Popover, UnstyledButton, useCombobox } from '@mantine/core'
import { type Query, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect, useEffectEvent, useId, useState } from 'react'
import { isRefusal } from '../api/problem'
import type { Reader } from '../app/search'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'
import { notifyDropped } from './Notices'
import './filter.css'

const FilterEdit = lazy(() => import('./FilterEdit').then((found) => ({ default: found.FilterEdit })))

export type FilterField = {
  name: string
  label: string
  /** Whether it takes several values. */
  many?: boolean
  /** The name of the filter that it is the negation of. */
  negates?: string
} & (
  | { kind: 'choice'; options: readonly { value: string; label: string }[] }
  | {
      kind: 'text'
      /** Whether this text looks like one for this filter: it is then suggested first. */
      accepts?: (text: string) => boolean
      /** What the URL reads it by, if not any text is a value. */
      reads?: Reader<string>
      /** What its token says in place of the value: the name of a country, a moment. */
      shown?: (value: string) => string
    }
)

/** The values of the filters, by name. */
export type Filters = Record<string, string | readonly string[] | undefined>

type Props = { fields: readonly FilterField[]; value: Filters; onChange: (value: Filters) => void; label: string }

const OPTION = `${Combobox.classes.option} o-filter-option`

export const valuesOf = (value: Filters[string]): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

/** These filters, and behind each of those with these names its negation, which the API knows by its name and `_not`. */
export function useNegations(fields: readonly FilterField[], names: readonly string[]): FilterField[] {
  const t = useT()
  return fields.flatMap((field) =>
    names.includes(field.name) ? [field, { ...field, name: `${field.name}_not`, label: t('parts.filterNot', { name: field.label }), many: true, negates: field.name }] : [field],
  )
}

/** A value as its token says it. */
export const labelOf = (field: FilterField, value: string): string =>
  field.kind === 'choice' ? (field.options.find((option) => option.value === value)?.label ?? value) : (field.shown?.(value) ?? value)

export function FilterBar({ fields, value, onChange, label }: Props): ReactNode {
  const t = useT()
  const id = useId()
  const [typed, setTyped] = useState('')
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() })
  const set = fields.filter((field) => valuesOf(value[field.name]).length > 0)
  const suggestions = suggestionsFor(fields, typed.trim())
  useRefusedFilter(fields, value, onChange)

  const change = (name: string, to: readonly string[]): void => {
    onChange({ ...value, [name]: of(name, to) })
  }
  const of = (name: string, to: readonly string[]): Filters[string] =>
    to.length === 0 ? undefined : fields.find((each) => each.name === name)?.many === true ? to : to.at(-1)
  /** A filter and its negation change places, unless both are set. */
  const turn = (field: FilterField): (() => void) | undefined => {
    const other = fields.find(({ name, negates }) => name === field.negates || negates === field.name)
    if (other === undefined || valuesOf(value[other.name]).length > 0) return undefined
    return () => onChange({ ...value, [field.name]: undefined, [other.name]: of(other.name, valuesOf(value[field.name])) })
  }
  const take = (key: string): void => {
    const suggestion = suggestions.find((each) => each.key === key)
    if (suggestion === undefined) return
    const before = valuesOf(value[suggestion.name])
    change(suggestion.name, [...before.filter((each) => each !== suggestion.value), suggestion.value])
    setTyped('')
    box.closeDropdown()
  }

  return (
    <div className="o-filter" role="search" aria-label={label}>
      <Combobox store={box} withinPortal>
        <Combobox.Target>
          <InputBase
            className="o-filter-box"
            aria-label={label}
            placeholder={label}
            leftSection={<Icon name="filter" />}
            value={typed}
            data-filter
            onChange={(event) => {
              setTyped(event.currentTarget.value)
              box.openDropdown()
              box.selectFirstOption()
            }}
            onFocus={() => box.openDropdown()}
            onBlur={() => box.closeDropdown()}
            onKeyDown={(event) => {
              const last = set.at(-1)
              if (event.key === 'Backspace' && typed === '' && last !== undefined) change(last.name, [])
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={suggestions.length === 0}>
          <Combobox.Options mah={320} style={{ overflowY: 'auto' }} aria-label={label}>
            {/* Plain elements with what the combobox looks for: forty of its own take longer to draw than a page. */}
            {suggestions.map(({ key, field, label: shown }, place) => (
              <div key={key} id={`${id}-${place}`} role="option" data-combobox-option="true" className={OPTION} onClick={() => take(key)}>
                <span className="o-filter-name">{field}</span>
                <bdi dir="auto">{shown}</bdi>
              </div>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {set.map((field) => {
        const onTurn = turn(field)
        // It is the same token after it has turned, so that its menu stays open.
        const key = onTurn === undefined ? field.name : (field.negates ?? field.name)
        return <Token key={key} field={field} values={valuesOf(value[field.name])} onChange={(to) => change(field.name, to)} onTurn={onTurn} />
      })}
      {set.length > 1 && (
        <UnstyledButton className="o-filter-clear" onClick={() => onChange(cleared(fields, value))}>
          {t('parts.clearFilters')}
        </UnstyledButton>
      )}
    </div>
  )
}

/** The filters without those of these fields. */
export const cleared = (fields: readonly FilterField[], value: Filters): Filters => ({
  ...value,
  ...Object.fromEntries(fields.map((field) => [field.name, undefined])),
})

/** Whether any of these filters is set. */
export const isFiltered = (fields: readonly FilterField[], value: Filters): boolean =>
  fields.some((field) => valuesOf(value[field.name]).length > 0)

/** What the API says of a value that a filter cannot have. */
const REFUSED: readonly string[] = ['invalid_parameter', 'invalid_recipient']

/** Drop a filter whose value the API refuses. */
function useRefusedFilter(fields: readonly FilterField[], value: Filters, onChange: (value: Filters) => void): void {
  const cache = useQueryClient().getQueryCache()
  const drop = useEffectEvent((error: unknown, asked: string) => {
    if (!isRefusal(error) || !REFUSED.includes(error.problem.code)) return
    const field = fields.find(({ name }) => name === error.param)
    const values = field === undefined ? [] : valuesOf(value[field.name])
    // A dialog may ask for something else by the same name.
    if (field === undefined || !values.some((each) => asked.includes(JSON.stringify(each)))) return
    notifyDropped({ name: field.name, value: values.join(', ') }, error.problem.detail)
    onChange({ ...value, [field.name]: undefined })
  })
  useEffect(() => {
    const look = ({ queryKey, state }: Query): void => drop(state.error, JSON.stringify(queryKey))
    // What was read ahead of the page may have been refused already.
    for (const query of cache.getAll()) look(query)
    return cache.subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error') look(event.query)
    })
  }, [cache])
}

type Suggestion = { key: string; name: string; field: string; value: string; label: string }

const MOST = 40

/** What a typed text may mean. Behind `-` or `!` it is what is left out; a text may also begin with these. */
export function suggestionsFor(fields: readonly FilterField[], typed: string): Suggestion[] {
  const left = /^[-!]\s*/.exec(typed)
  const found = fields.flatMap((field) => {
    if (field.negates === undefined) return left === null || field.kind === 'text' ? suggested(field, typed, left === null ? 0 : -5) : []
    return left === null ? [] : suggested(field, typed.slice(left[0].length), 0)
  })
  return found.toSorted((a, b) => b.rank - a.rank).slice(0, MOST)
}

function suggested(field: FilterField, typed: string, above: number): (Suggestion & { rank: number })[] {
  const of = (value: string, label: string, rank: number) => ({ key: `${field.name}=${value}`, name: field.name, field: field.label, value, label, rank: above + rank })
  if (field.kind === 'text') {
    if (typed === '' || (field.reads !== undefined && field.reads(typed) === undefined)) return []
    return [of(typed, typed, field.accepts === undefined ? 1 : field.accepts(typed) ? 3 : 0)]
  }
  const lower = typed.toLowerCase()
  const whole = field.label.toLowerCase().includes(lower)
  return field.options
    .filter(({ value, label }) => whole || label.toLowerCase().includes(lower) || value.includes(lower))
    .map(({ value, label }) => of(value, label, typed !== '' && label.toLowerCase().startsWith(lower) ? 4 : 2))
}

type TokenProps = { field: FilterField; values: readonly string[]; onChange: (values: readonly string[]) => void; onTurn: (() => void) | undefined }

function Token({ field, values, onChange, onTurn }: TokenProps): ReactNode {
  const t = useT()
  const [open, setOpen] = useState(false)
  const shown = values.map((value) => labelOf(field, value))
  return (
    <span className="o-token">
      <Popover opened={open} onChange={setOpen} trapFocus returnFocus position="bottom-start" withinPortal>
        <Popover.Target>
          <UnstyledButton className="o-token-text" onClick={() => setOpen((before) => !before)}>
            <span className="o-filter-name">{field.label}</span> <bdi dir="auto">{shown.slice(0, 2).join(', ')}</bdi>
            {shown.length > 2 && ` +${shown.length - 2}`}
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown>
          <Suspense>
            <FilterEdit field={field} values={values} onChange={onChange} onTurn={onTurn} onDone={() => setOpen(false)} />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      <CloseButton size={24} aria-label={t('parts.dropFilter', { name: field.label })} onClick={() => onChange([])} />
    </span>
  )
}
