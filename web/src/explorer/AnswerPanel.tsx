// The answer of a call: status, time, request id, headers and body. Before the call, an example of it.
import { Anchor, Button, Code, Group, Text } from '@mantine/core'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { Operation } from '../api/document'
import { useT } from '../i18n/i18n'
import { Copy } from '../parts/Copy'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Ident } from '../parts/Values'
import { type Answer, shown } from './answer'
import { jsonOf } from './draft'

const toneOf = (status: number): Tone => (status < 300 ? 'good' : status < 400 ? 'info' : 'bad')

export function AnswerPanel({ answer }: { answer: Answer }): ReactNode {
  const t = useT()
  const format = useFormat()
  const text = useMemo(() => shown(answer), [answer])
  const page = aboutOf(answer)
  return (
    <section aria-labelledby="answer">
      <h3 id="answer">{t('explorer.answer')}</h3>
      <Group gap="md" mb="xs">
        <StatusBadge tone={toneOf(answer.status)}>{String(answer.status)}</StatusBadge>
        <Text size="sm">{format.duration(answer.took)}</Text>
        {answer.requestId !== null && (
          <Text size="sm">
            {t('parts.request')} <Ident>{answer.requestId}</Ident> <Copy value={answer.requestId} what={t('parts.request')} />
          </Text>
        )}
        {page !== null && (
          <Anchor href={page} target="_blank" rel="noreferrer" size="sm">
            {t('parts.moreAbout')}
          </Anchor>
        )}
        {answer.open && <StatusBadge tone="info">{t('explorer.open')}</StatusBadge>}
      </Group>
      <details className="o-explorer-headers">
        <summary>{t('explorer.headers', { count: answer.headers.length })}</summary>
        <dl dir="ltr">
          {answer.headers.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
      {answer.file !== null && answer.file.size > 0 && <Download file={answer.file} />}
      {text !== '' && <Block text={text} />}
      {answer.cut && <Text size="sm">{t('explorer.cut')}</Text>}
      {!answer.open && text === '' && (answer.file === null || answer.file.size === 0) && <Text c="dimmed">{t('explorer.empty')}</Text>}
    </section>
  )
}

/** What an answer looks like, from the document. */
export function ExampleAnswer({ operation }: { operation: Operation }): ReactNode {
  const t = useT()
  const found = Object.entries(operation.responses).find(([status, { content }]) => status.startsWith('2') && content?.['application/json']?.example !== undefined)
  if (found === undefined) return null
  const [status, { content }] = found
  return (
    <section aria-labelledby="example">
      <h3 id="example">{t('explorer.example', { status })}</h3>
      <Block text={JSON.stringify(content?.['application/json']?.example, null, 2)} />
    </section>
  )
}

function Block({ text }: { text: string }): ReactNode {
  const t = useT()
  return (
    <div className="o-explorer-block">
      <Copy value={text} what={t('explorer.answer')} withText />
      <Code block dir="ltr" tabIndex={0}>
        {text}
      </Code>
    </div>
  )
}

function Download({ file }: { file: Blob }): ReactNode {
  const t = useT()
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return (
    <Button component="a" href={url} download variant="default" leftSection={<Icon name="download" />}>
      {t('explorer.download')}
    </Button>
  )
}

/** The page of the error, if the answer is a refusal. */
function aboutOf({ status, text }: Answer): string | null {
  const body = status >= 400 ? jsonOf(text) : null
  return typeof body === 'object' && body !== null && 'doc_url' in body && typeof body.doc_url === 'string' ? body.doc_url : null
}
