// Every type of event with its sentence and an example of its body.
import { Accordion, Code, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Copy } from '../parts/Copy'
import { BackToList } from '../parts/FoundPage'
import { NamedWord } from '../parts/NamedWord'
import { PageHead } from '../parts/PageHead'
import { Found } from '../parts/States'
import { ServerWords } from '../parts/Values'
import { wordOfType } from './webhook'
import './webhooks.css'

export function EventTypesPage(): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate({ from: '/webhooks/event-types' })
  const { type: open } = useSearch({ from: '/shell/webhooks/event-types' })
  const query = useQuery({ queryKey: ['/v1/event-types'], queryFn: () => take(api.GET('/v1/event-types')), staleTime: Infinity })
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t('webhooks.types')}
        about={t('webhooks.typesAbout')}
      />
      <Found query={query}>
        {({ data }) => (
          <Accordion maw="56rem" variant="contained" value={open ?? null} onChange={(type) => void navigate({ search: { type: type ?? undefined }, resetScroll: false })}>
            {data.map(({ type, about, example }) => (
              <Accordion.Item key={type} value={type}>
                <Accordion.Control>
                  <NamedWord name={type} word={wordOfType(type)} />
                  <Text size="sm" c="dimmed">
                    <ServerWords>{about}</ServerWords>
                  </Text>
                </Accordion.Control>
                <Accordion.Panel>
                  {open === type && <Example body={JSON.stringify(example, null, 2)} />}
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        )}
      </Found>
    </>
  )
}

function Example({ body }: { body: string }): ReactNode {
  const t = useT()
  return (
    <>
      <Group justify="flex-end">
        <Copy value={body} what={t('webhooks.body')} withText />
      </Group>
      <Code block dir="ltr" tabIndex={0} className="o-webhook-wire">
        {body}
      </Code>
    </>
  )
}
