// How a carrier is set: what differs from the defaults first, the rest on demand; secrets are masked.
import { Stack, Switch, Text } from '@mantine/core'
import { Fragment, type ReactNode, useState } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Facts } from '../parts/Facts'
import { Icon } from '../parts/Icon'
import { ButtonLink } from '../parts/Link'
import { groupsOf, isValues, titleOf } from '../parts/schema'
import { Found } from '../parts/States'
import { Ident, Money, ServerWords, Time } from '../parts/Values'
import { useCarrier, useTypes } from './carrier'
import { type Carrier, type CarrierType, keptOf, schemaOf, settingsOf } from './form'
import { useGroupTitle, useSay } from './names'

export function CarrierSettings({ id }: { id: string }): ReactNode {
  const carrier = useCarrier(id)
  const types = useTypes()
  return (
    <Found query={types}>
      {({ data }) => (
        <Found query={carrier}>{(found) => <Shown carrier={found} type={data.find((each) => each.type === found.type)} />}</Found>
      )}
    </Found>
  )
}

function Shown({ carrier, type }: { carrier: Carrier; type: CarrierType | undefined }): ReactNode {
  const t = useT()
  const groupTitle = useGroupTitle()
  const say = useSay()
  const may = useMay('PATCH /v1/carriers/{id}')
  const [all, setAll] = useState(false)
  const schema = schemaOf(type)
  const kept = keptOf(carrier, type)
  const set = settingsOf(carrier, type)
  const valueOf = (name: string): ReactNode => {
    if (kept.has(name)) return <Text component="span" c="dimmed">{t('carriers.secretStored')}</Text>
    const value = carrier.settings[name]
    if (value === null || value === '' || (isValues(value) && Object.keys(value).length === 0)) return '–'
    if (typeof value === 'boolean') return value ? t('carriers.yes') : t('carriers.no')
    return <Ident>{Array.isArray(value) || isValues(value) ? JSON.stringify(value) : String(value)}</Ident>
  }
  const groups = groupsOf(schema)
    .map((group) => ({ ...group, fields: group.fields.filter((name) => all || kept.has(name) || set[name] !== undefined) }))
    .filter(({ fields }) => fields.length > 0)
  return (
    <Stack maw="52rem">
      <div className="o-carrier-settings-head">
        {type !== undefined && <Switch checked={all} label={t('carriers.showAll')} onChange={(event) => setAll(event.currentTarget.checked)} />}
        {may && (
          <ButtonLink to="/carriers/$id/change" params={{ id: carrier.id }} variant="default" leftSection={<Icon name="edit" />}>
            {t('carriers.change')}
          </ButtonLink>
        )}
      </div>
      <Facts
        facts={[
          [t('carriers.type'), <Ident key="type">{carrier.type}</Ident>],
          [t('carriers.cost'), <Money key="cost" amount={carrier.cost_per_segment} currency={carrier.currency} />],
          [t('carriers.version'), <bdi key="version" dir="ltr">{carrier.version}</bdi>],
          [t('carriers.made'), <Time key="made" at={carrier.created_at} as="absolute" />],
        ]}
      />
      {type === undefined && <Text c="dimmed">{t('carriers.noType', { type: carrier.type })}</Text>}
      {type !== undefined && groups.length === 0 && <Text c="dimmed">{t('carriers.allStandard')}</Text>}
      {groups.map(({ name, title, fields }) => (
        <Fragment key={name}>
          <h2 className="o-section">{groupTitle(name, title) ?? <ServerWords>{title}</ServerWords>}</h2>
          <Facts facts={fields.map((field) => [say(titleOf(field, schema)), valueOf(field)])} />
        </Fragment>
      ))}
    </Stack>
  )
}
