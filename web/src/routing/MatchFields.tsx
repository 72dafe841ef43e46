// The filters of a route: those that are set, each as tokens, and a menu with the others. Without one, the route takes
// every message.
import { ActionIcon, Button, Group, Menu, MultiSelect, Stack, TagsInput, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { CLASSES } from '../messages/shape'
import { countryName } from '../messages/fields'
import { Icon } from '../parts/Icon'
import { useList } from '../parts/useList'
import { COUNTRIES } from '../parts/countries'
import { type Kind, KINDS, type Match, SENDER_KINDS } from './route'
import { TimeFields } from './TimeFields'

type Props = { value: Match; onChange: (value: Match) => void; /** What is wrong at a path: `match.prefixes[1]`. */ errorAt: (path: string) => ReactNode }

export function MatchFields({ value, onChange, errorAt }: Props): ReactNode {
  const t = useT()
  const isSet = (kind: Kind): boolean => (value[kind] ?? []).length > 0
  const [open, setOpen] = useState<readonly Kind[]>(KINDS.filter(isSet))
  const shown = KINDS.filter((kind) => open.includes(kind) || isSet(kind))
  const others = KINDS.filter((kind) => !shown.includes(kind))
  const drop = (kind: Kind): void => {
    setOpen(open.filter((each) => each !== kind))
    onChange({ ...value, [kind]: [] })
  }
  return (
    <div data-field="match">
      <Stack gap="sm">
        {shown.length === 0 && <Text>{t('routing.matchesAll')}</Text>}
        {shown.map((kind) => (
          <Group key={kind} align="flex-start" gap="xs" wrap="nowrap">
            <div className="o-filter-field">
              <Filter kind={kind} value={value} error={errorAt(`match.${kind}`)} onChange={(to) => onChange({ ...value, [kind]: to })} />
            </div>
            <ActionIcon mt={kind === 'times' ? 0 : 25} variant="default" size="lg" aria-label={t('routing.dropFilter', { name: t(`routing.filter.${kind}`) })} onClick={() => drop(kind)}>
              <Icon name="cross" size={16} />
            </ActionIcon>
          </Group>
        ))}
        {others.length > 0 && (
          <div>
            <Menu position="bottom-start">
              <Menu.Target>
                <Button variant="default" size="xs" leftSection={<Icon name="filter" size={16} />}>{t('routing.addFilter')}</Button>
              </Menu.Target>
              <Menu.Dropdown>
                {others.map((kind) => (
                  <Menu.Item key={kind} onClick={() => setOpen([...open, kind])}>{t(`routing.filter.${kind}`)}</Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          </div>
        )}
      </Stack>
    </div>
  )
}

type FilterProps = { kind: Kind; value: Match; error: ReactNode; onChange: (values: unknown[]) => void }

function Filter({ kind, value, error, onChange }: FilterProps): ReactNode {
  const t = useT()
  const clear = { 'aria-label': t('parts.clear') }
  const common = { label: t(`routing.filter.${kind}`), error, clearable: true, clearButtonProps: clear }
  switch (kind) {
    case 'countries': {
      const data = COUNTRIES.map((code) => ({ value: code, label: code === '001' ? t('routing.noCountry') : `${countryName(code)} (${code})` }))
      return <MultiSelect {...common} data={data} value={value.countries ?? []} searchable hidePickedOptions onChange={onChange} />
    }
    case 'classes':
      return <MultiSelect {...common} data={CLASSES.map((each) => ({ value: each, label: t(`routing.class.${each}`) }))} value={value.classes ?? []} onChange={onChange} />
    case 'sender_kinds':
      return <MultiSelect {...common} data={SENDER_KINDS.map((each) => ({ value: each, label: t(`routing.senderKind.${each}`) }))} value={value.sender_kinds ?? []} onChange={onChange} />
    case 'accounts':
      return <Accounts {...common} value={value.accounts ?? []} onChange={onChange} />
    case 'times':
      return <TimeFields value={value.times ?? []} error={error} onChange={onChange} />
    default:
      return <TagsInput {...common} description={t(`routing.about.${kind}`)} value={value[kind] ?? []} dir="ltr" splitChars={[',', ' ']} acceptValueOnBlur onChange={onChange} />
  }
}

type AccountsProps = { value: string[]; label: string; error: ReactNode; clearButtonProps: { 'aria-label': string }; onChange: (values: string[]) => void }

/** Accounts by name; by id for those that one may not read. */
function Accounts({ value, ...props }: AccountsProps): ReactNode {
  const accounts = useList('/v1/accounts', { limit: 200 }, { enabled: useMay('GET /v1/accounts') })
  const known = accounts.rows.map(({ id, name }) => ({ value: id, label: name }))
  const others = value.filter((id) => known.every((each) => each.value !== id)).map((id) => ({ value: id, label: id }))
  if (known.length === 0) return <TagsInput {...props} value={value} dir="ltr" acceptValueOnBlur />
  return <MultiSelect {...props} data={[...known, ...others]} value={value} searchable hidePickedOptions clearable />
}
