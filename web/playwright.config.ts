// Journeys through the real product: one product and one browser profile for the whole run.
import { defineConfig } from '@playwright/test'
import { LAUNCH } from './tests/browser.ts'

export default defineConfig({
  testDir: 'tests',
  testMatch: '*.journey.ts',
  globalSetup: './tests/start.ts',
  outputDir: 'test-results/journeys',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  // For a machine on which other tests run in other browsers: what waits long is slow, and not wrong.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['line']],
  reportSlowTests: { max: 10, threshold: 5_000 },
  use: {
    launchOptions: LAUNCH,
    // Set by `tests/start.ts`. The tests begin signed in as the owner (`tests/journey.ts`).
    baseURL: process.env.CONSOLE_URL,
    reducedMotion: 'reduce',
    locale: 'en-US',
    timezoneId: 'UTC',
    // A trace costs more than the journeys: `TRACE=1` keeps that of each test that fails.
    trace: process.env.TRACE === undefined ? 'off' : 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
})
