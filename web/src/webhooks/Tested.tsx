// What the endpoint answered to a test, at once.
import { CloseButton, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { StatusBadge } from '../parts/StatusBadge'
import { ServerWords } from '../parts/Values'

export type TestResult = components['schemas']['WebhookTestResult']

export function Tested({ result, onClose }: { result: TestResult; onClose: () => void }): ReactNode {
  const t = useT()
  const format = useFormat()
  return (
    <div className="o-webhook-tested" role="status" data-tone={result.delivered ? 'good' : 'bad'}>
      <Group wrap="nowrap" justify="space-between" align="flex-start">
        <Group gap="xs">
          <StatusBadge tone={result.delivered ? 'good' : 'bad'}>{result.delivered ? t('webhooks.testGood') : t('webhooks.testBad')}</StatusBadge>
          <Text span>
            {result.response_status !== null && <><bdi dir="ltr">HTTP {result.response_status}</bdi> · </>}
            {format.duration(result.milliseconds)}
          </Text>
          {result.error !== null && <ServerWords>{result.error}</ServerWords>}
        </Group>
        <CloseButton aria-label={t('parts.close')} onClick={onClose} />
      </Group>
    </div>
  )
}
