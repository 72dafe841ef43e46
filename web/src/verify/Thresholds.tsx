// The thresholds of guards that a profile changes: what is empty is as the guard has it.
import { Fieldset, NumberInput, SimpleGrid, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ServerWords } from '../parts/Values'
import type { Values } from './profile'
import { useGuardName } from './verification'

type Given = Values['thresholds']
type Props = { value: Given; off: readonly string[]; onChange: (value: Given) => void; error: ReactNode }

export function Thresholds({ value, off, onChange, error }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const guardName = useGuardName()
  const { data } = useQuery({ queryKey: ['/v1/verify-guards'], queryFn: ({ signal }) => take(api.GET('/v1/verify-guards', { signal })), staleTime: 600_000 })
  const guards = (data?.data ?? []).filter(({ name, thresholds }) => thresholds.length > 0 && !off.includes(name))
  return (
    <Fieldset legend={t('verify.thresholds')} data-field="thresholds" m="md" mt={0}>
      <Text size="sm" c="dimmed">{t('verify.thresholdsAbout')}</Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} mt="xs">
        {guards.flatMap((guard) =>
          guard.thresholds.map((each) => (
            <NumberInput
              key={each.name}
              label={`${guardName(guard.name)}: ${each.name.split('.')[1] ?? each.name}`}
              description={<ServerWords>{each.about}</ServerWords>}
              placeholder={String(each.value)}
              value={value[each.name] ?? ''}
              onChange={(given) => onChange({ ...value, [each.name]: typeof given === 'number' ? given : '' })}
              allowNegative={false}
              clampBehavior="none"
              hideControls
              dir="ltr"
            />
          )),
        )}
      </SimpleGrid>
      {error !== null && <Text size="sm" c="var(--mantine-color-error)" role="alert">{error}</Text>}
    </Fieldset>
  )
}
