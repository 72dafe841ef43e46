// A request as code: curl, Python, TypeScript and PHP. It is made of the same values that the console sends; the key is
// a variable, never the session.
import { API_BASE } from '../app/places'
import type { Operation } from '../api/scopes'

export type Request = {
  operation: Operation
  path?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  account?: string
  /** The same as a part of the settings file. */
  file?: string
}

export const TONGUES = { curl: 'curl', python: 'Python', typescript: 'TypeScript', php: 'PHP' } as const
export type Tongue = keyof typeof TONGUES

/** The address of a request. */
export function urlOf({ operation, path = {}, query = {} }: Pick<Request, 'operation' | 'path' | 'query'>): string {
  const template = operation.slice(operation.indexOf(' ') + 1)
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? `{${name}}`))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== '') search.append(name, String(each))
    }
  }
  return API_BASE + filled + (search.size > 0 ? `?${search}` : '')
}

type Whole = { method: string; url: string; headers: [string, string][]; body: string | null }

export function codeOf(tongue: Tongue, request: Request): string {
  return WRITERS[tongue](whole(request))
}

function whole({ operation, path, query, body, account }: Request): Whole {
  return {
    method: operation.slice(0, operation.indexOf(' ')),
    url: urlOf({ operation, path, query }),
    headers: account === undefined ? [] : [['Onesixty-Account', account]],
    body: body === undefined ? null : JSON.stringify(body, null, 2),
  }
}

const shell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const WRITERS: Record<Tongue, (request: Whole) => string> = {
  curl({ method, url, headers, body }) {
    const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${shell(url)}`, '-H "Authorization: Bearer $ONESIXTY_KEY"']
    for (const [name, value] of headers) lines.push(`-H ${shell(`${name}: ${value}`)}`)
    if (body !== null) lines.push("-H 'Content-Type: application/json'", `-d ${shell(body)}`)
    return lines.join(' \\\n  ')
  },

  python({ method, url, headers, body }) {
    const given = headers.map(([name, value]) => `, ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join('')
    const json = body === null ? '' : `\n    json=json.loads(${pythonText(body)}),`
    return [
      body === null ? 'import os' : 'import json\nimport os',
      '',
      'import requests',
      '',
      `answer = requests.request(`,
      `    ${JSON.stringify(method)}, ${JSON.stringify(url)},`,
      `    headers={"Authorization": "Bearer " + os.environ["ONESIXTY_KEY"]${given}},${json}`,
      `    timeout=30,`,
      ')',
      'answer.raise_for_status()',
      body === null && method === 'DELETE' ? '' : 'print(answer.json())',
    ].join('\n').trimEnd()
  },

  typescript({ method, url, headers, body }) {
    const given = headers.map(([name, value]) => `\n    ${JSON.stringify(name)}: ${JSON.stringify(value)},`).join('')
    const type = body === null ? '' : '\n    "Content-Type": "application/json",'
    const sent = body === null ? '' : `\n  body: JSON.stringify(${body.replaceAll('\n', '\n  ')}),`
    return `const answer = await fetch(${JSON.stringify(url)}, {
  method: ${JSON.stringify(method)},
  headers: {
    Authorization: \`Bearer \${process.env.ONESIXTY_KEY}\`,${type}${given}
  },${sent}
});
if (!answer.ok) throw new Error(await answer.text());
${method === 'DELETE' ? '' : 'console.log(await answer.json());'}`.trimEnd()
  },

  php({ method, url, headers, body }) {
    const given = headers.map(([name, value]) => `\n    ${phpText(`${name}: ${value}`)},`).join('')
    const type = body === null ? '' : "\n    'Content-Type: application/json',"
    const sent = body === null ? '' : `\n  CURLOPT_POSTFIELDS => ${phpText(body)},`
    return `<?php
$curl = curl_init(${phpText(url)});
curl_setopt_array($curl, [
  CURLOPT_CUSTOMREQUEST => ${phpText(method)},
  CURLOPT_RETURNTRANSFER => true,
  CURLOPT_HTTPHEADER => [
    'Authorization: Bearer ' . getenv('ONESIXTY_KEY'),${type}${given}
  ],${sent}
]);
echo curl_exec($curl);`
  },
}

const phpText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
/** JSON keeps its own escapes, so it needs a raw text. No JSON object has three quotes in a row. */
const pythonText = (text: string): string => `r"""${text}"""`
