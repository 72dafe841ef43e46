// Where a browser finds the console of a product: at the product itself, which has the build; or at Vite, which has the
// sources as they are now, and passes all else on to the product.
import { resolve } from 'node:path'
import { freePort, type Product } from './product.ts'

export type Serving = { url: string; stop: () => Promise<void> }

export async function consoleOf(product: Product, from: 'build' | 'sources'): Promise<Serving> {
  if (from === 'build') return { url: product.url, stop: async () => undefined }
  process.env.ONESIXTY_URL = product.url
  const { createServer } = await import('vite')
  const port = await freePort()
  const server = await createServer({
    root: resolve(import.meta.dirname, '..'),
    configFile: resolve(import.meta.dirname, '..', 'vite.config.ts'),
    logLevel: 'warn',
    server: { port, strictPort: true, host: '127.0.0.1', hmr: false, watch: null },
  })
  await server.listen()
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() }
}
