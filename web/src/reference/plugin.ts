// What the reference adds to Swagger UI: the page around it, who calls, the programs of each operation, what stands
// against a call before it is made, a search over operations instead of groups, and a faster resolver.
//
// Rules kept here:
// - elements are made by Swagger UI's own React, because it has a copy of its own;
// - Swagger UI's own ways to give a key are left out: `caller.ts` alone signs requests;
// - no text of the document becomes HTML here.
import type { ChangeEvent, ComponentType, FormEvent, ReactNode } from 'react'
import { type ApiDocument, type Described, matches, operationsOf } from '../api/document'
import type { Caller, Mode, State } from './caller'
import { warningFor } from './caller'
import { curlOf, type Tried } from './curl'
import { followed } from './follow'
import { ROOT } from './place'
import type { System } from './swagger'

type Placed = { path: string; method: string }
type Props = Record<string, unknown>
/** What Swagger UI keeps is Immutable.js; of it only this is used. */
type Kept = {
  get: (name: string) => Kept
  update: (name: string, change: (value: Kept) => Kept) => Kept
  map: (change: (value: Kept) => Kept) => Kept
  filter: (passes: (value: Kept) => boolean) => Kept
  toJS: () => unknown
  size: number
}

const LANGUAGE = 'onesixty-samples'
const HEADINGS: Record<string, string> = { smpp: 'SMPP', 'sign-in': 'Sign-in' }
const heading = (tag: string): string => HEADINGS[tag] ?? tag.replace(/^./, (letter) => letter.toUpperCase())

export const plugin = (api: ApiDocument, caller: Caller) => (system: System) => {
  const { createElement: h, Fragment, useState, useSyncExternalStore } = system.React
  const operations = operationsOf(api)
  const byPlace = new Map<string, Described>(operations.map((each) => [`${each.method.toLowerCase()} ${each.path}`, each]))
  const described = ({ path, method }: Placed): Described | undefined => byPlace.get(`${method} ${path}`)
  const useCaller = (): State => useSyncExternalStore(caller.subscribe, caller.now)
  const language = remembered()

  const Nothing = (): ReactNode => null

  const Reference = (): ReactNode =>
    h('div', { className: 'o-reference' },
      h('header', { className: 'o-head' },
        h('a', { className: 'o-brand', href: ROOT }, 'one', h('b', null, 'sixty')),
        h('span', null, 'API reference'),
        h('nav', { 'aria-label': 'Other pages' },
          h('a', { href: `${ROOT}docs/errors` }, 'Errors'),
          h('a', { href: `${ROOT}openapi.json` }, 'OpenAPI'),
          h('a', { href: `${ROOT}console/` }, 'Console'),
        ),
      ),
      h(CallerPanel),
      h('div', { className: 'o-columns' },
        h(Groups),
        h('main', null, h(system.getSystem().getComponent('BaseLayout', true))),
      ),
    )

  /** The groups of operations, and the search. */
  const Groups = (): ReactNode => {
    const [words, setWords] = useState('')
    const search = (to: string): void => {
      setWords(to)
      system.getSystem().layoutActions.updateFilter(to.trim() === '' ? false : to.trim())
    }
    const found = operations.filter((each) => matches(each, words.trim()))
    const shown = api.tags.filter(({ name }) => found.some(({ tag }) => tag === name))
    return h('nav', { className: 'o-groups', 'aria-label': 'Groups of operations' },
      h('label', { htmlFor: 'o-search' }, 'Search'),
      h('input', { id: 'o-search', type: 'search', value: words, placeholder: 'send, key, /v1/reports', autoComplete: 'off', onChange: (event) => search(event.currentTarget.value) }),
      h('p', { role: 'status' }, found.length === 1 ? '1 operation' : `${found.length} operations`),
      h('ul', null, shown.map(({ name }) => h('li', { key: name }, h('a', { href: `#/${name}`, onClick: () => open(name) }, heading(name))))),
    )
  }

  /** The operations that have the words, in their groups: Swagger UI by itself looks for groups alone. */
  const opsFilter = (groups: Kept, words: string): Kept => {
    const found = new Set<unknown>(operations.filter((each) => matches(each, words)).map(({ operationId }) => operationId))
    return groups
      .map((group) => group.update('operations', (list) => list.filter((one) => found.has(one.get('operation').get('operationId')))))
      .filter((group) => group.get('operations').size > 0)
  }

  const open = (tag: string): void => {
    system.getSystem().layoutActions.show(['operations-tag', tag], true)
    document.getElementById(`operations-tag-${tag}`)?.scrollIntoView()
  }

  /** Who calls: a key, the session of the console, or nobody yet. */
  const CallerPanel = (): ReactNode => {
    const state = useCaller()
    return h('section', { className: 'o-caller', 'aria-label': 'Who calls' }, state.by === 'nobody' ? h(KeyForm, { refused: state.refused }) : h(Known, { state }))
  }

  const KeyForm = ({ refused }: { refused: string | undefined }): ReactNode => {
    const [key, setKey] = useState('')
    const [busy, setBusy] = useState(false)
    const use = async (event: FormEvent): Promise<void> => {
      event.preventDefault()
      if (key.trim() === '' || busy) return
      setBusy(true)
      await caller.use(key.trim())
      setBusy(false)
    }
    return h('form', { onSubmit: (event: FormEvent) => void use(event) },
      h('label', { htmlFor: 'o-key' }, 'API key'),
      h('input', { id: 'o-key', type: 'password', value: key, placeholder: 'os_test_...', autoComplete: 'off', spellCheck: false, 'aria-describedby': 'o-key-about', onChange: (event) => setKey(event.currentTarget.value) }),
      h('button', { type: 'submit', disabled: busy }, 'Use this key'),
      refused !== undefined && h('p', { role: 'alert', className: 'o-note', 'data-tone': 'bad' }, refused),
      h('p', { id: 'o-key-about' }, 'To try calls, give a key, or ', h('a', { href: `${ROOT}console/` }, 'sign in to the console'), ' and reload this page. A test key reaches the sandbox and costs nothing. The key stays in this page: a reload forgets it.'),
    )
  }

  const Known = ({ state }: { state: Exclude<State, { by: 'nobody' }> }): ReactNode => {
    const { me } = state
    const rights = me.scopes.length === 1 ? '1 scope' : `${me.scopes.length} scopes`
    return h('div', { className: 'o-known' },
      h('b', { className: 'o-mode', 'data-mode': me.mode }, me.mode === 'live' ? 'Live' : 'Test'),
      h('span', null, state.by === 'key' ? 'A key of ' : `${me.user?.email ?? ''} in `, h('b', null, me.account_name), ', with ', h('span', { title: me.scopes.join(', ') }, rights), '.'),
      state.by === 'session' && h('label', null, 'Mode ',
        h('select', { value: me.mode, onChange: (event: ChangeEvent<HTMLSelectElement>) => void caller.find(event.currentTarget.value as Mode) },
          h('option', { value: 'test' }, 'Test'), h('option', { value: 'live' }, 'Live')),
      ),
      h('button', { type: 'button', onClick: () => caller.forget() }, state.by === 'key' ? 'Forget the key' : 'Use a key'),
    )
  }

  /** What stands against a call, above the button that makes it. */
  const Warning = (placed: Placed): ReactNode => {
    const operation = described(placed)
    const state = useCaller()
    const warning = operation === undefined ? null : warningFor(state, placed.method.toUpperCase(), operation)
    return warning === null ? null : h('p', { className: 'o-note', 'data-tone': warning.tone, role: 'status' }, warning.text)
  }

  /** The operation as a program, in seven languages. The chosen one stays chosen everywhere. */
  const Samples = (placed: Placed): ReactNode => {
    const chosen = useSyncExternalStore(language.subscribe, language.now)
    const samples = described(placed)?.['x-codeSamples'] ?? []
    const sample = samples.find(({ lang }) => lang === chosen) ?? samples[0]
    if (sample === undefined) return null
    return h('section', { className: 'o-samples', 'aria-label': 'Example request' },
      h('h4', null, 'Example request'),
      h('div', { className: 'o-languages', role: 'group', 'aria-label': 'Language' },
        samples.map(({ lang, label }) => h('button', { key: lang, type: 'button', 'aria-pressed': lang === sample.lang, onClick: () => language.set(lang) }, label)),
        h(CopyButton, { text: sample.source }),
      ),
      h('pre', { tabIndex: 0 }, h('code', null, sample.source)),
    )
  }

  const Curl = ({ request }: { request: Kept }): ReactNode => {
    const command = curlOf(request.toJS() as Tried)
    return h('section', { className: 'o-samples', 'aria-label': 'Your request' },
      h('h4', null, 'Your request'),
      h('div', { className: 'o-languages' }, h(CopyButton, { text: command })),
      h('pre', { tabIndex: 0 }, h('code', null, command)),
    )
  }

  /** Without the clipboard of secure pages (plain HTTP beyond this machine) there is none: the text can be marked. */
  const CopyButton = ({ text }: { text: string }): ReactNode => {
    const [copied, setCopied] = useState(false)
    if (navigator.clipboard === undefined) return null
    const copy = async (): Promise<void> => {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      setTimeout(() => setCopied(false), 2_000)
    }
    return h('button', { type: 'button', className: 'o-copy', onClick: () => void copy() }, copied ? 'Copied' : 'Copy')
  }

  /** Without a link in it: it stands within the button that opens the operation. */
  const DeepLink = ({ text }: { text: ReactNode }): ReactNode => h('span', null, text)

  const named = (Original: ComponentType<Props>) => (props: Props): ReactNode => h(Original, { 'aria-label': 'Request body', ...props })
  const labelled = (Original: ComponentType<Props>) => (props: Props): ReactNode =>
    h('label', null, h('span', { className: 'o-hidden' }, 'Value'), h(Original, props))

  const before = (part: (placed: Placed) => ReactNode) => (Original: ComponentType<Placed>) => (props: Placed): ReactNode =>
    h(Fragment, null, h(part, { path: props.path, method: props.method }), h(Original, props))

  return {
    components: {
      Reference,
      ServersContainer: Nothing,
      AuthorizeBtnContainer: Nothing,
      authorizeOperationBtn: Nothing,
      FilterContainer: Nothing,
      curl: Curl,
      DeepLink,
    },
    wrapComponents: { responses: before(Samples), execute: before(Warning), TextArea: named, Select: labelled },
    fn: { opsFilter, resolveSubtree: async (document: unknown, path: string[]) => ({ spec: followed(document, path), errors: [] }) },
  }
}

/** The language of the samples that one chose last. */
function remembered() {
  const listeners = new Set<() => void>()
  let value = ''
  try {
    value = localStorage.getItem(LANGUAGE) ?? ''
  } catch {
    // A browser that keeps nothing: the first language.
  }
  return {
    now: () => value,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (to: string) => {
      value = to
      try {
        localStorage.setItem(LANGUAGE, to)
      } catch {
        // The choice then lasts as long as the page.
      }
      for (const listener of listeners) listener()
    },
  }
}
