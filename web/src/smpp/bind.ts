// What a customer needs to bind: as names and values, for the card and for the clipboard.
import type { components } from '../api/schema'
import type { Credential } from './smpp'

export type Listener = components['schemas']['SmppListener']
export type Words = Record<'host' | 'port' | 'tls' | 'systemId' | 'version' | 'kinds' | 'window', string>

export const VERSIONS = '3.3, 3.4, 5.0'
export const BIND_KINDS = 'transceiver, transmitter, receiver'

/** One host with its ports; or each address with its own. */
export function bindLines({ system_id: systemId, profile }: Pick<Credential, 'system_id' | 'profile'>, listeners: readonly Listener[], words: Words): [string, string][] {
  const [first] = listeners
  const one = first !== undefined && listeners.every(({ host }) => host === first.host)
  const ports = listeners.map(({ host, port, tls }): [string, string] => [tls ? words.tls : words.port, one ? String(port) : `${host}:${port}`])
  return [
    ...(one ? [[words.host, first.host] satisfies [string, string]] : []),
    ...ports,
    [words.systemId, systemId],
    [words.version, VERSIONS],
    [words.kinds, BIND_KINDS],
    ...(profile.window === undefined ? [] : [[words.window, String(profile.window)] satisfies [string, string]]),
  ]
}
