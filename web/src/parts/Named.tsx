// Names for ids: people know "Ewa Nowak" and "Nile Post Couriers", not `usr_...` and `acc_...`.
//
// Rules kept here:
// - a name is read as the page of its thing reads it, into the same place of the cache, once, and only by who may read it;
// - the account in which one acts is known to everybody;
// - until a name is known, and if it is not to be found, the id stands for it. The id is the tooltip of the name.
import { useQuery } from '@tanstack/react-query'
import { Fragment, type ReactNode } from 'react'
import { type Api, take } from '../api/client'
import type { Operation } from '../api/scopes'
import { useApi, useMay, useMe } from '../app/session'
import { IdLink } from './IdLink'
import { Marked } from './Ident'
import { Ident, ServerWords, Words } from './Values'

type Source = { list: string; reads: Operation; read: (api: Api, id: string) => Promise<{ name: string } | { system_id: string }> }

const SOURCES: Record<string, Source> = {
  usr: { list: '/v1/users', reads: 'GET /v1/users/{id}', read: (api, id) => take(api.GET('/v1/users/{id}', { params: { path: { id } } })) },
  key: { list: '/v1/keys', reads: 'GET /v1/keys/{id}', read: (api, id) => take(api.GET('/v1/keys/{id}', { params: { path: { id } } })) },
  acc: { list: '/v1/accounts', reads: 'GET /v1/accounts/{id}', read: (api, id) => take(api.GET('/v1/accounts/{id}', { params: { path: { id } } })) },
  car: { list: '/v1/carriers', reads: 'GET /v1/carriers/{id}', read: (api, id) => take(api.GET('/v1/carriers/{id}', { params: { path: { id } } })) },
  rte: { list: '/v1/routes', reads: 'GET /v1/routes/{id}', read: (api, id) => take(api.GET('/v1/routes/{id}', { params: { path: { id } } })) },
  smpp: { list: '/v1/smpp-credentials', reads: 'GET /v1/smpp-credentials/{id}', read: (api, id) => take(api.GET('/v1/smpp-credentials/{id}', { params: { path: { id } } })) },
  vpr: { list: '/v1/verify-profiles', reads: 'GET /v1/verify-profiles/{id}', read: (api, id) => take(api.GET('/v1/verify-profiles/{id}', { params: { path: { id } } })) },
}
const NOBODY: Source = { list: '', reads: 'GET /v1/me', read: () => Promise.reject(new Error('nothing has a name here')) }

/** An id of something that has a name, anywhere in a text. */
const IDS = /\b((?:usr|key|acc|car|rte|smpp|vpr)_[0-9a-z]{26})\b/

/** The name of what this id stands for, once it is known. */
export function useName(id: string): string | undefined {
  const api = useApi()
  const source = SOURCES[id.split('_')[0] ?? ''] ?? NOBODY
  const may = useMay(source.reads)
  const { account_id: own, account_name: ownName } = useMe()
  const { data } = useQuery({
    queryKey: [source.list, id],
    queryFn: () => source.read(api, id),
    enabled: source !== NOBODY && may && id !== own,
    staleTime: 300_000,
    select: (found) => ('name' in found ? found.name : found.system_id),
  })
  return id === own ? ownName : data
}

/** A thing by its name, which leads to its page. `name` is what the caller knows already. */
export function Named({ id, name }: { id: string; name?: string | null }): ReactNode {
  return name == null ? <Read id={id} /> : <Shown id={id} name={name} />
}

const Read = ({ id }: { id: string }): ReactNode => <Shown id={id} name={useName(id)} />

function Shown({ id, name }: { id: string; name: string | undefined }): ReactNode {
  return <IdLink id={id}>{name === undefined || name === '' ? undefined : <span title={id}><Words>{name}</Words></span>}</IdLink>
}

/** Who did it, as the audit log writes it: `user:usr_...`, `key:key_...`, or a part of onesixty. */
export function Who({ who }: { who: string }): ReactNode {
  const id = who.split(':')[1] ?? who
  return /^[a-z]+_/.test(id) ? <Named id={id} /> : <Ident>{who}</Ident>
}

/** What the server says in English, with names instead of the ids in it. `plain` is for words that are a link themselves. */
export function NamedWords({ children, plain = false }: { children: string; plain?: boolean }): ReactNode {
  const parts = children.split(IDS)
  if (parts.length === 1) return <ServerWords>{children}</ServerWords>
  return (
    <bdi lang="en" dir="ltr">
      {parts.map((part, place) => (place % 2 === 0 ? <Fragment key={place}>{part}</Fragment> : plain ? <PlainName key={place} id={part} /> : <Named key={place} id={part} />))}
    </bdi>
  )
}

/** Our own words with names instead of the ids in them, and code between backticks. */
export function NamedText({ children }: { children: string }): ReactNode {
  return children.split(IDS).map((part, place) => (place % 2 === 0 ? <Marked key={place}>{part}</Marked> : <Named key={place} id={part} />))
}

/** The name alone, for words that are a link themselves. */
export function PlainName({ id }: { id: string }): ReactNode {
  const name = useName(id)
  return name === undefined ? <Ident>{id}</Ident> : <Words>{name}</Words>
}
