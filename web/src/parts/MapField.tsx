// A table of names and values, such as a carrier's error codes: a line for each, and an empty one for the next.
import { ActionIcon, Input, Select, TextInput } from '@mantine/core'
import { type ReactNode, useId, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'
import type { SchemaValues } from './schema'

type Props = {
  label: ReactNode
  description: ReactNode
  error: ReactNode
  'data-field': string
  value: SchemaValues
  onChange: (value: SchemaValues) => void
  /** The names that there are; without them, any. */
  names?: string[]
  /** Values are whole numbers. */
  whole: boolean
}

type Line = [name: string, value: string]

const linesOf = (value: SchemaValues): Line[] => Object.entries(value).map(([name, each]) => [name, String(each)])

export function MapField({ label, description, error, value, onChange, names, whole, 'data-field': field }: Props): ReactNode {
  const t = useT()
  const id = useId()
  // Lines are kept here while their names are typed: two lines may have the same name for a moment.
  const [lines, setLines] = useState<Line[]>(() => linesOf(value))
  const shown = sameLines(lines, value) ? lines : linesOf(value)
  const change = (to: Line[]): void => {
    setLines(to)
    onChange(Object.fromEntries(to.filter(([name]) => name !== '').map(([name, each]) => [name, valueOf(each, whole)])))
  }
  const edit = (place: number, line: Line): void => change(shown.map((each, at) => (at === place ? line : each)))
  return (
    <Input.Wrapper className="o-schema-wide" label={label} labelElement="div" labelProps={{ id }} description={description} error={error}>
      <div role="group" aria-labelledby={id} className="o-map" data-field={field}>
        {[...shown, ['', ''] satisfies Line].map(([name, each], place) => (
          <div key={place} className="o-map-line">
            {names === undefined ? (
              <TextInput value={name} dir="ltr" aria-label={t('parts.mapName')} placeholder={t('parts.mapName')} onChange={(event) => put(place, [event.currentTarget.value, each])} />
            ) : (
              <Select value={name === '' ? null : name} data={names} dir="ltr" aria-label={t('parts.mapName')} placeholder={t('parts.mapName')} onChange={(to) => put(place, [to ?? '', each])} />
            )}
            <TextInput value={each} dir="ltr" aria-label={t('parts.mapValue')} placeholder={t('parts.mapValue')} inputMode={whole ? 'numeric' : undefined} onChange={(event) => put(place, [name, event.currentTarget.value])} />
            {place < shown.length && (
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('parts.mapDrop', { name })} onClick={() => change(shown.filter((_, at) => at !== place))}>
                <Icon name="cross" size={16} />
              </ActionIcon>
            )}
          </div>
        ))}
      </div>
    </Input.Wrapper>
  )

  function put(place: number, line: Line): void {
    if (place === shown.length) change([...shown, line])
    else edit(place, line)
  }
}

/** A number where one is wanted; what is none goes to the server as it is, which says what is wrong. */
const valueOf = (text: string, whole: boolean): unknown => (whole && /^-?\d+$/.test(text) ? Number(text) : text)

/** Whether the lines say what the value says: else somebody else has changed the value. */
function sameLines(lines: Line[], value: SchemaValues): boolean {
  const said = Object.fromEntries(lines.filter(([name]) => name !== ''))
  return Object.keys(said).length === Object.keys(value).length && Object.entries(value).every(([name, each]) => said[name] === String(each))
}
