// What is shown if a page could not be shown: it failed, it could not be read, or there is none.
import { Button, Code, Container, Group, Stack, Text, Title } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { isRefusal } from '../api/problem'
import { useT } from '../i18n/i18n'
import { RefusalText } from '../parts/RefusalText'
import { reloadOnce } from './upgrade'
import { TextLink } from '../parts/Link'

export function Crashed({ error }: { error: unknown }): ReactNode {
  const t = useT()
  const router = useRouter()
  useEffect(() => {
    reloadOnce(error)
  }, [error])
  return (
    <Container size="xs" py="xl" component="main">
      <Stack role="alert">
        <Title order={1}>{isRefusal(error) ? t('shell.unread') : t('shell.crashed')}</Title>
        {isRefusal(error) ? (
          <RefusalText refusal={error} />
        ) : (
          <>
            <Text>{t('shell.crashedAbout')}</Text>
            <Code block>{error instanceof Error ? error.message : String(error)}</Code>
          </>
        )}
        <Group>
          <Button onClick={() => void router.invalidate()}>{t('parts.tryAgain')}</Button>
          <TextLink to="/" search={{}}>
            {t('shell.toHome')}
          </TextLink>
        </Group>
      </Stack>
    </Container>
  )
}

export function NoPage(): ReactNode {
  const t = useT()
  return (
    <Container size="xs" py="xl" component="main">
      <Stack>
        <Title order={1}>{t('shell.noPage')}</Title>
        <Text>{t('shell.noPageAbout')}</Text>
        <TextLink to="/">
          {t('shell.toHome')}
        </TextLink>
      </Stack>
    </Container>
  )
}
