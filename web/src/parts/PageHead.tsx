// The head of a page: its heading, one sentence of what it is, and its actions. It names the window, too.
// The actions stand beside the sentence while it keeps the width of a line that one reads well; else they stand below it.
import { Group, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import './parts.css'

type Props = { title: string; /** The heading, where it is more than the text of the title. */ heading?: ReactNode; about?: ReactNode; actions?: ReactNode; before?: ReactNode }

export function PageHead({ title, heading, about, actions, before }: Props): ReactNode {
  useEffect(() => {
    document.title = `${title} · onesixty`
  }, [title])
  return (
    <header className="o-page-head">
      {before}
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className="o-page-title">
          <Title order={1} tabIndex={-1} id="page-title">
            <bdi>{heading ?? title}</bdi>
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
