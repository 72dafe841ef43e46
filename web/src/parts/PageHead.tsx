// The head of a page: its heading, one sentence of what it is, and its actions. It names the window, too.
import { Group, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'

type Props = { title: string; about?: ReactNode; actions?: ReactNode; before?: ReactNode }

export function PageHead({ title, about, actions, before }: Props): ReactNode {
  useEffect(() => {
    document.title = `${title} · onesixty`
  }, [title])
  return (
    <header className="o-page-head">
      {before}
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Title order={1} tabIndex={-1} id="page-title">
            {title}
          </Title>
          {about !== undefined && (
            <Text c="dimmed" maw="46rem">
              {about}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
    </header>
  )
}
