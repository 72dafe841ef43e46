// How the console and the API reference are built, served while one works on them, and tested.
//
// Rules kept here:
// - the build knows no address: the server writes the path of its files and the nonce into each page, so that one
//   build serves under any path prefix;
// - nothing of the development server is in the build.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { compressed } from './build/compress.ts'
import { mantine } from './build/mantine.ts'
import { page, reference } from './build/page.ts'
import { texts } from './build/texts.ts'

const product = process.env.ONESIXTY_URL ?? 'http://127.0.0.1:8160'

/** The files of a language that are needed before any page. */
const FIRST_TEXTS = /src\/(?:i18n\/files|(?:shell|parts)\/texts)\/([\w-]+)\.(?:ts|json)$/
const languageOf = (id: string): string | null => FIRST_TEXTS.exec(id)?.[1]?.replace(/^/, 'first-') ?? null
/** What so many lazy parts import is common. */
const PAGES = 20
/** What a dialog over the page is made of: a page may wait with it until one opens. */
const DIALOG = /\/components\/Modal(?:Base)?\/|\/(?:react-remove-scroll(?:-bar)?|react-style-singleton|use-sidecar|use-callback-ref)\/|\/parts\/(?:ConfirmDialog|Dialog|openDialog)\.tsx?$/

export default defineConfig(({ command }) => ({
  base: command === 'build' ? './' : '/console/',
  cacheDir: '../build/console-vite',
  plugins: [texts(), mantine(), page(), reference(), react(), compressed()],
  html: { cspNonce: '__ONESIXTY_NONCE__' },
  build: {
    outDir: process.env.ONESIXTY_CONSOLE_DIST ?? '../src/onesixty/console/dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // Browsers without it load the same files a moment later.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: ['index.html', 'docs.html'],
      checks: { pluginTimings: false },
      // A browser asks an origin for six files at a time, so many small files take as many turns.
      output: {
        codeSplitting: {
          groups: [
            // What is around all pages, and needed whole before the first one.
            { name: 'frame', test: /src\/app\/(routes|App)\.tsx?$/, priority: 3 },
            // The words of that, and where a language has the others.
            { name: languageOf, test: FIRST_TEXTS, priority: 2 },
            // What most pages show: lists, filters, forms.
            { name: 'common', test: (id) => !DIALOG.test(id), minShareCount: PAGES, priority: 1 },
            { name: 'dialog', test: DIALOG },
          ],
        },
      },
    },
  },
  server: {
    port: 5160,
    proxy: Object.fromEntries(
      ['/v1', '/openapi.json', '/docs', '/healthz', '/readyz'].map((path) => [path, { target: product }]),
    ),
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/unit.ts'],
    restoreMocks: true,
    // For a loaded machine: what waits long is slow, and not wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Making a jsdom costs far more than the tests: all files share one.
    isolate: false,
    maxWorkers: 1,
  },
}))
