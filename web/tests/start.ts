// Starts the product before the journeys, with an owner and something in every list, and an identity provider
// beside it; stops both after them.
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { Product } from './product.ts'
import { startProvider } from './provider.ts'
import { consoleOf } from './serving.ts'
import seed from './town.seed.ts'

export default async function start(): Promise<() => Promise<void>> {
  if (process.env.PICTURES !== undefined) rmSync(resolve(import.meta.dirname, '..', 'test-results', 'pages'), { recursive: true, force: true })
  const provider = await startProvider()
  const product = await Product.start({
    oidc_issuer: provider.issuer, oidc_client_id: 'onesixty', oidc_client_secret: 'a secret', oidc_name: 'Example ID',
    oidc_roles: 'sms-devs=developer',
  })
  const session = await product.owner()
  await seed(product, session)
  const serving = await consoleOf(product, process.env.CONSOLE_FROM === 'sources' ? 'sources' : 'build')
  process.env.CONSOLE_URL = serving.url
  process.env.CONSOLE_PRODUCT = product.url
  process.env.CONSOLE_SMPP = product.environment.ONESIXTY_SMPP_LISTEN
  process.env.CONSOLE_KEY = product.key
  process.env.CONSOLE_PROVIDER = provider.issuer
  return async () => {
    await serving.stop()
    await product.stop()
    provider.stop()
  }
}
