// The types and paths of SMPP's lists.
import type { components } from '../api/schema'

export type Credential = components['schemas']['SmppCredential']
export type Bind = components['schemas']['SmppBind']
export type RefusedBind = components['schemas']['SmppRefusedBind']

export const CREDENTIALS = '/v1/smpp-credentials'
export const BINDS = '/v1/smpp-binds'
export const REFUSED = '/v1/smpp-binds/refused'
export const LISTENERS = '/v1/smpp-binds/listeners'

/** How often the lists are read again: a bind is there or gone within seconds. */
export const EVERY_MS = 5_000
