// Names instead of ids: of who did something, and within what the server says.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it, vi } from 'vitest'

vi.mock('../app/session', () => ({ useApi: () => ({}), useMay: () => true, useMe: () => ({ account_id: 'acc_own', account_name: 'Own' }) }))
vi.mock('./IdLink', () => ({ IdLink: ({ id, children }: { id: string; children?: React.ReactNode }) => <a href={`#${id}`}>{children ?? id}</a> }))

// All files of tests share their modules: another one may have loaded this one with the real session.
vi.resetModules()
const { Named, NamedWords, Who } = await import('./Named')

const ACCOUNT = 'acc_01m72xga00e9t8t47cqx0scrk6'
const USER = 'usr_01m71a0bm0e2cap1qtmh070wmv'
let queries: QueryClient

beforeEach(() => {
  queries = new QueryClient()
  queries.setQueryData(['/v1/accounts', ACCOUNT], { name: 'Fernhill Clinics' })
  queries.setQueryData(['/v1/users', USER], { name: 'Ewa Nowak' })
})

const text = (shown: React.ReactNode): string => renderToStaticMarkup(<QueryClientProvider client={queries}>{shown}</QueryClientProvider>)

it('calls people and keys by their names, and parts of onesixty as they are', () => {
  expect(text(<Who who={`user:${USER}`} />)).toBe(`<a href="#${USER}"><span title="${USER}"><bdi dir="auto">Ewa Nowak</bdi></span></a>`)
  expect(text(<Who who="key:key_unknown" />)).toBe('<a href="#key_unknown">key_unknown</a>')
  expect(text(<Who who="cli" />)).toContain('cli')
  expect(text(<Who who="settings:onesixty.toml" />)).toContain('settings:onesixty.toml')
})

it('puts names for the ids in words of the server, as links or within one', () => {
  const said = `Account ${ACCOUNT} is at 100 percent of a limit.`
  expect(text(<NamedWords>{said}</NamedWords>)).toMatch(new RegExp(`^<bdi lang="en" dir="ltr">Account <a href="#${ACCOUNT}">.*Fernhill Clinics.*</a> is at 100 percent`))
  expect(text(<NamedWords plain>{said}</NamedWords>)).toBe('<bdi lang="en" dir="ltr">Account <bdi dir="auto">Fernhill Clinics</bdi> is at 100 percent of a limit.</bdi>')
  expect(text(<NamedWords>All is well.</NamedWords>)).toBe('<bdi lang="en" dir="ltr">All is well.</bdi>')
})

it('calls a credential by its system_id, which it reads into the place where its page looks for all of it', () => {
  const id = 'smpp_01m71a0bm0e2cap1qtmh070wmv'
  queries.setQueryData(['/v1/smpp-credentials', id], { system_id: 'harborlight', mode: 'live' })
  expect(text(<Named id={id} />)).toContain('<bdi dir="auto">harborlight</bdi>')
})
