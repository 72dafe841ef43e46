// The search box: what it finds for a text, and where that leads.
import { Modal, TextInput, useMantineColorScheme } from '@mantine/core'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useState } from 'react'
import { useMe, useSession } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { pathOfId } from '../parts/IdLink'
import { useOpenDialog } from '../parts/openDialog'
import { FINDERS, type Finding } from './finders'
import { entriesFor } from './Navigation'

const PAUSE_MS = 150

type Props = { onDone: () => void }

export function FinderDialog({ onDone }: Props): ReactNode {
  const t = useT()
  return (
    <Modal.Root {...useOpenDialog(onDone)} size="lg" yOffset="10vh" padding="xs">
      <Modal.Overlay />
      <Modal.Content aria-label={t('shell.search')}>
        <Modal.Body>
          <Box onDone={onDone} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

function Box({ onDone }: Props): ReactNode {
  const t = useT()
  const id = useId()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = useFindings(text.trim())
  const chosen = found[Math.min(at, found.length - 1)]

  const go = (finding: Finding | undefined): void => {
    if (finding === undefined) return
    onDone()
    if (typeof finding.go === 'string') void navigate({ to: finding.go as '/' }) // a path that was looked up
    else finding.go()
  }
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setAt((before) => (Math.min(before, found.length - 1) + step + found.length) % Math.max(1, found.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      go(chosen)
    }
  }

  return (
    <>
      <TextInput
        data-autofocus
        size="md"
        role="combobox"
        aria-label={t('shell.search')}
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.key}`}
        aria-autocomplete="list"
        placeholder={t('shell.searchAbout')}
        leftSection={<Icon name="search" />}
        value={text}
        dir="auto"
        onChange={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKey}
      />
      <div id={id} role="listbox" aria-label={t('shell.found')}>
        {found.map((finding) => (
          <button
            key={finding.key}
            id={`${id}-${finding.key}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={finding === chosen}
            className="mantine-UnstyledButton-root o-found"
            onClick={() => go(finding)}
          >
            <Icon name={finding.icon} />
            <bdi dir="auto">{finding.label}</bdi>
            <span className="o-found-kind">{finding.kind}</span>
          </button>
        ))}
      </div>
      <p role="status" className={found.length > 0 ? 'o-visually-hidden' : 'o-found'}>
        {text === '' ? '' : t('shell.foundCount', { count: found.length })}
      </p>
    </>
  )
}

function useFindings(text: string): Finding[] {
  const session = useSession()
  const own = useOwnFindings(text)
  const [others, setOthers] = useState<{ text: string; found: Finding[] }>({ text: '', found: [] })
  useEffect(() => {
    if (text === '' || FINDERS.length === 0) return
    const stop = new AbortController()
    const timer = setTimeout(async () => {
      const answers = await Promise.allSettled(FINDERS.map((finder) => finder(text, session, stop.signal)))
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      if (!stop.signal.aborted) setOthers({ text, found })
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text, session])
  const found = (others.text === text ? others.found : []).filter(({ go }) => !own.some((each) => each.go === go))
  return [...found, ...own].slice(0, 12)
}

/** Pages, commands, and the page of an id. */
function useOwnFindings(text: string): Finding[] {
  const t = useT()
  const me = useMe()
  const router = useRouter()
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  return useMemo(() => {
    const path = pathOfId(text, router.routesByPath)
    const direct: Finding[] = path === null ? [] : [{ key: 'id', label: text, kind: t('shell.open'), icon: 'right', go: path }]
    const pages: Finding[] = entriesFor(me).map((entry) => ({
      key: `page-${entry.label}`, label: t(entry.label), kind: t('shell.page'), icon: entry.icon, go: entry.to,
    }))
    const mode = me.mode === 'test' ? undefined : 'test'
    const commands: Finding[] = [
      {
        key: 'mode', label: mode === 'test' ? t('shell.toTest') : t('shell.toLive'), kind: t('shell.command'),
        icon: mode === 'test' ? 'flask' : 'tower',
        go: () => void navigate({ to: '.', search: (before) => ({ ...before, mode }) }),
      },
      { key: 'dark', label: t('shell.scheme.dark'), kind: t('shell.scheme'), icon: 'moon', go: () => setColorScheme('dark') },
      { key: 'me', label: t('shell.yourSignIn'), kind: t('shell.page'), icon: 'shield', go: '/me' },
      { key: 'light', label: t('shell.scheme.light'), kind: t('shell.scheme'), icon: 'sun', go: () => setColorScheme('light') },
    ]
    const lower = text.toLowerCase()
    return [...direct, ...[...pages, ...commands].filter((each) => each.label.toLowerCase().includes(lower))]
  }, [text, t, me, router, navigate, setColorScheme])
}
