// The frame of the pages by which one comes in.
import { Anchor, Container, Paper, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { changeLanguage, useLanguage } from '../i18n/i18n'
import { isLanguage, LANGUAGES } from '../i18n/languages'
import { Icon } from '../parts/Icon'
import { useT } from '../i18n/i18n'
import '../shell/shell.css'
import './door.css'

type Props = { title: string; about?: ReactNode; children: ReactNode; insecure?: boolean }

export function Door({ title, about, children, insecure = false }: Props): ReactNode {
  const t = useT()
  useEffect(() => {
    document.title = `${title} · onesixty`
  }, [title])
  return (
    <Container size={420} py="xl" component="main" className="o-door">
      <Text className="o-brand" fz="1.6rem" mb="lg" ta="center">
        one<b>sixty</b>
      </Text>
      <Paper withBorder radius="md" p="xl">
        <Stack gap="md">
          <div>
            <Title order={1}>{title}</Title>
            {about !== undefined && <Text c="dimmed">{about}</Text>}
          </div>
          {insecure && (
            <div role="note" className="o-warned">
              <Icon name="alert" size={16} /> {t('signin.insecure')}
            </div>
          )}
          {children}
        </Stack>
      </Paper>
      <LanguageLinks />
    </Container>
  )
}

function LanguageLinks(): ReactNode {
  const language = useLanguage()
  return (
    <nav className="o-languages" aria-label={LANGUAGES[language].name}>
      {Object.entries(LANGUAGES).map(([key, { name }]) => (
        <Anchor
          key={key}
          component="button"
          type="button"
          size="sm"
          lang={key}
          aria-current={key === language ? 'true' : undefined}
          onClick={() => isLanguage(key) && void changeLanguage(key)}
        >
          {name}
        </Anchor>
      ))}
    </nav>
  )
}
