// The API reference at `/docs`: Swagger UI over the OpenAPI document with examples, with the parts of `plugin.ts`.
//
// Rules kept here:
// - calls go to where the page came from, whatever address the document names: the policy allows no other;
// - the page works without the console, and loads nothing of it;
// - it is in English, as the document is.
import 'swagger-ui-dist/swagger-ui.css'
import type { ApiDocument } from '../api/document'
import { operationsOf } from '../api/document'
import { Caller, signedBy } from './caller'
import { ROOT } from './place'
import { plugin } from './plugin'
import { loadSwagger } from './swagger'
import './reference.css'

type Asked = { url: string; method?: string; headers?: Record<string, string>; credentials?: RequestCredentials }

const root = document.getElementById('root')
if (root !== null) {
  begin(root).catch(() => {
    root.textContent = 'The API reference could not be loaded. Reload the page to try again.'
  })
}

async function begin(place: HTMLElement): Promise<void> {
  const [SwaggerUI, answer] = await Promise.all([loadSwagger(), fetch(`${ROOT}docs/openapi.json`)])
  if (!answer.ok) throw new Error(`${answer.status}`)
  const api: ApiDocument = await answer.json()
  const caller = new Caller()
  openNamed(api)
  SwaggerUI({
    domNode: place,
    spec: { ...forSwagger(api), servers: [{ url: ROOT.replace(/\/$/, '') }] },
    layout: 'Reference',
    plugins: [plugin(api, caller)],
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    validatorUrl: null,
    // The command that is shown is that of the request before it is signed.
    showMutatedRequest: false,
    requestInterceptor: (asked: Asked) => Object.assign(asked, signedBy(caller.now(), (asked.method ?? 'GET').toUpperCase(), asked.headers ?? {})),
  })
  await caller.find()
}

/**
 * The document without samples, which are half of it and shown by `plugin.ts`; and without defaults of headers, which
 * Swagger UI would send: a key has its mode already.
 */
function forSwagger(api: ApiDocument): ApiDocument {
  const paths = Object.entries(api.paths).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([method, { 'x-codeSamples': _, ...operation }]) => [method, operation])),
  ])
  const headers = Object.entries(api.components.parameters ?? {}).map(([name, { schema: { default: _, ...schema }, ...parameter }]) => [name, { ...parameter, schema }])
  return { ...api, paths: Object.fromEntries(paths), components: { ...api.components, parameters: Object.fromEntries(headers) } }
}

/** `#send_message` names an operation by its id alone; Swagger UI wants its group, too. */
function openNamed(api: ApiDocument): void {
  const id = location.hash.slice(1)
  const named = operationsOf(api).find(({ operationId }) => operationId === id)
  if (named !== undefined) history.replaceState(null, '', `#/${named.tag}/${id}`)
}
