// One operation: what it does, whether one may call it, its form, the request as code, and the answer.
import { Button, FileInput, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { ApiDocument, Operation } from '../api/document'
import { Refusal, unreachable } from '../api/problem'
import { refusedTo, useMe, useSession } from '../app/session'
import { headersOf } from '../app/where'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { CodePanel } from '../parts/CodePanel'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { RefusalText } from '../parts/RefusalText'
import { WhyNot } from '../parts/WhyNot'
import { SchemaForm } from '../parts/SchemaForm'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident, ServerWords } from '../parts/Values'
import { type Answer, send } from './answer'
import { AnswerPanel, ExampleAnswer } from './AnswerPanel'
import { codedOf, firstDraft, jsonOf, nameOf, requestOf, scopeOf, shapeOf } from './draft'
import { Method } from './Method'

export function TryOperation({ document, operation }: { document: ApiDocument; operation: Operation }): ReactNode {
  const t = useT()
  const me = useMe()
  const { where } = useSession()
  const queries = useQueryClient()
  const shape = useMemo(() => shapeOf(document, operation), [document, operation])
  const [draft, setDraft] = useState(() => firstDraft(operation))
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [failure, setFailure] = useState<Refusal | null>(null)
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const [missing, setMissing] = useState<string | null>(null)
  const form = useRef<HTMLFormElement>(null)
  const sending = useRef<AbortController | null>(null)
  useEffect(() => () => sending.current?.abort(), [])

  const change = (changes: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...changes }))
  const reads = operation.method === 'GET'

  const go = async (): Promise<void> => {
    const control = new AbortController()
    sending.current = control
    setBusy(true)
    setFailure(null)
    setAnswer(null)
    try {
      await send(requestOf(operation, draft, headersOf(where), control.signal), setAnswer)
      // Whatever it changed, other pages read it anew.
      if (!reads) void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== '/docs/openapi.json' })
    } catch (error) {
      if (!control.signal.aborted) setFailure(error instanceof Refusal ? error : unreachable())
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (busy || refusedTo(me, scopeOf(operation)) !== null) return
    // Without it, the address would be another one. All else the server checks.
    const empty = shape.path.find(({ name }) => (draft.path[name] ?? '').trim() === '')?.name ?? null
    setMissing(empty)
    if (empty !== null) return form.current?.querySelector<HTMLElement>(`[name="${empty}"]`)?.focus()
    if (me.mode === 'live' && !reads) setAsking(true)
    else void go()
  }

  return (
    <section className="o-explorer-one" aria-labelledby="operation">
      <TextLink to="/api" search={(before) => ({ ...before, operation: undefined })} size="sm" className="o-explorer-back">
        <Icon name="left" size={14} /> {t('explorer.operations')}
      </TextLink>
      <h2 id="operation">
        <ServerWords>{operation.summary ?? operation.operationId}</ServerWords>
      </h2>
      <p className="o-explorer-place">
        <Method>{operation.method}</Method> <Ident>{operation.path}</Ident>
      </p>
      <Prose>{operation.description ?? ''}</Prose>
      <Right operation={operation} />

      <form ref={form} onSubmit={submit} noValidate>
        <Stack gap="md">
          {shape.path.map(({ name, description, example }) => (
            <TextInput
              key={name}
              name={name}
              error={missing === name && (draft.path[name] ?? '').trim() === '' ? t('parts.error.missingField') : null}
              label={<Ident>{name}</Ident>}
              description={description === undefined ? undefined : <ServerWords>{description}</ServerWords>}
              placeholder={example === undefined ? undefined : String(example)}
              value={draft.path[name] ?? ''}
              required
              dir="ltr"
              onChange={({ currentTarget: { value } }) => change({ path: { ...draft.path, [name]: value } })}
            />
          ))}
          {shape.query !== null && (
            <details className="o-explorer-query" open={Object.keys(shape.query.properties ?? {}).length <= 4}>
              <summary>{t('explorer.query', { count: Object.keys(shape.query.properties ?? {}).length })}</summary>
              <SchemaForm schema={shape.query} value={draft.query} onChange={(query) => change({ query })} />
            </details>
          )}
          {shape.body?.kind === 'json' && (
            <Textarea
              label={t('explorer.body')}
              description={draft.body.trim() !== '' && jsonOf(draft.body) === undefined ? t('explorer.notJson') : undefined}
              value={draft.body}
              autosize
              minRows={3}
              maxRows={24}
              dir="ltr"
              spellCheck={false}
              classNames={{ input: 'o-explorer-json' }}
              onChange={({ currentTarget: { value } }) => change({ body: value })}
            />
          )}
          {shape.body?.kind === 'file' && (
            <FileInput label={t('explorer.file')} description={shape.body.types.join(', ')} accept={shape.body.types.join(',')} value={draft.file} clearable onChange={(file) => change({ file })} />
          )}
          {shape.reason && (
            <TextInput label={t('explorer.reason')} description={t('explorer.reasonAbout')} value={draft.reason} maxLength={500} dir="auto" onChange={({ currentTarget: { value } }) => change({ reason: value })} />
          )}
          <Group>
            <Act calls={nameOf(operation)} type="submit" loading={busy && answer === null} leftSection={<Icon name="play" size={16} />}>
              {t('explorer.send')}
            </Act>
            {busy && (
              <Button variant="default" leftSection={<Icon name="stop" />} onClick={() => sending.current?.abort()}>
                {t('explorer.stop')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>

      <span className="o-visually-hidden" role="status">
        {answer === null ? '' : `${t('explorer.answer')}: ${answer.status}`}
      </span>
      {failure !== null && (
        <div className="o-refused" role="alert">
          <RefusalText refusal={failure} />
        </div>
      )}
      {answer !== null && <AnswerPanel answer={answer} />}
      {answer === null && <ExampleAnswer operation={operation} />}
      <section aria-labelledby="as-code">
        <h3 id="as-code">{t('parts.asCode')}</h3>
        <CodePanel request={{ account: where.account, ...codedOf(operation, draft) }} />
      </section>
      {asking && (
        <ConfirmDialog
          title={t('explorer.liveTitle')}
          action={t('explorer.send')}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            void go()
          }}
        >
          <Text>{t('explorer.liveAbout')}</Text>
          <p className="o-explorer-place">
            <Method>{operation.method}</Method> <Ident>{operation.path}</Ident>
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}

/** Which right it needs, and whether one has it here. */
function Right({ operation }: { operation: Operation }): ReactNode {
  const t = useT()
  const scope = scopeOf(operation)
  const refused = refusedTo(useMe(), scope)
  if (scope === null) return <StatusBadge tone="quiet">{t('explorer.anybody')}</StatusBadge>
  if (refused === null) {
    return (
      <Group gap="xs">
        <StatusBadge tone="good">{t('explorer.may')}</StatusBadge> <Ident>{scope}</Ident>
      </Group>
    )
  }
  return (
    <Group gap="xs">
      <StatusBadge tone="bad" icon="lock">
        {t('explorer.refused')}
      </StatusBadge>
      <span><WhyNot refused={refused} /></span>
    </Group>
  )
}

/** The paragraphs of a description. */
function Prose({ children }: { children: string }): ReactNode {
  return children.split('\n\n').filter((each) => each.trim() !== '').map((paragraph, place) => (
    <p key={place} dir="ltr" className="o-explorer-prose">
      <ServerWords>{paragraph}</ServerWords>
    </p>
  ))
}
