// What kind of carrier is it? SMPP, a provider that onesixty knows, any other over HTTP, or the simulator.
import { Text, TextInput, UnstyledButton } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Icon, type IconName } from '../parts/Icon'
import { NothingMatches } from '../parts/States'
import type { CarrierType } from './form'
import { useTypeName } from './names'

type Kind = 'smpp' | 'http' | 'simulator' | 'profile' | 'extension'

const ORDER: readonly Kind[] = ['smpp', 'profile', 'http', 'extension', 'simulator']
const ICONS: Record<Kind, IconName> = { smpp: 'tower', profile: 'building', http: 'globe', extension: 'plug', simulator: 'flask' }
const kindOf = ({ type, source, simulated }: CarrierType): Kind =>
  source === 'profile' ? 'profile' : source === 'extension' ? 'extension' : simulated ? 'simulator' : type === 'smpp' ? 'smpp' : 'http'

export function TypePicker({ types, onPick }: { types: CarrierType[]; onPick: (type: string) => void }): ReactNode {
  const t = useT()
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const nameOf = useTypeName()
  const shown = types
    .filter((type) => `${type.type} ${nameOf(type.type)}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => ORDER.indexOf(kindOf(a)) - ORDER.indexOf(kindOf(b)) || nameOf(a.type).localeCompare(nameOf(b.type)))
  return (
    <>
      <TextInput mb="md" maw="26rem" value={typed} leftSection={<Icon name="search" />} label={t('carriers.findType')} dir="auto" data-filter onChange={(event) => setTyped(event.currentTarget.value)} />
      {shown.length === 0 ? (
        <NothingMatches onClear={() => setTyped('')}><Text>{t('carriers.noSuchType')}</Text></NothingMatches>
      ) : (
        <ul className="o-types">
          {shown.map((type) => (
            <li key={type.type}>
              <UnstyledButton className="o-type" onClick={() => onPick(type.type)}>
                <Icon name={ICONS[kindOf(type)]} size={22} />
                <span>
                  <strong>
                    <bdi>{nameOf(type.type)}</bdi>
                  </strong>
                  <span className="o-type-about">{t(`carriers.kindAbout.${kindOf(type)}`)}</span>
                </span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
