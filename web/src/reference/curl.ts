// A request that was tried, as a command. The key is a variable: a command is pasted into chats and tickets.

export type Tried = { url: string; method: string; headers?: Record<string, string>; body?: unknown }

/** Headers that only a browser's session has, or that curl sets itself. */
const LEFT_OUT = new Set(['authorization', 'x-onesixty-console', 'onesixty-mode', 'accept'])

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

export function curlOf({ url, method, headers = {}, body }: Tried): string {
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`, '-H "Authorization: Bearer $ONESIXTY_KEY"']
  for (const [name, value] of Object.entries(headers)) {
    if (!LEFT_OUT.has(name.toLowerCase()) && value !== '') lines.push(`-H ${quoted(`${name}: ${value}`)}`)
  }
  if (body instanceof Blob) lines.push('--data-binary @FILE')
  else if (body !== undefined && body !== null && body !== '') lines.push(`-d ${quoted(typeof body === 'string' ? body : JSON.stringify(body))}`)
  return lines.join(' \\\n  ')
}
