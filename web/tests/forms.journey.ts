// What the API refuses stands at its field: each code of the catalogue that a call can answer.
//
// The codes are those that the reference says of the call, the fields those that the form has. Each code is answered
// once, at one field after the other and at none. That is tried in English and from right to left; `ALL_LANGUAGES=1`
// tries the others too, which takes half a minute each.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Locator } from '@playwright/test'
import { LANGUAGES } from '../src/i18n/languages.ts'
import { expect, test } from './journey.ts'
import { go, visit } from './pages.ts'

const REFERENCE = readFileSync(resolve(import.meta.dirname, '..', '..', 'docs', 'reference', 'endpoints.md'), 'utf8')
/** These ask the person over the page (`app/gates.ts`), and are no answer to a form. */
const GATES = ['unauthorized', 'session_needed', 'session_ended', 'reauthenticate']

/** The codes that the reference says of a call. */
function codesOf(call: string): string[] {
  const about = REFERENCE.split(/^### /m).find((part) => part.startsWith(`${call}\n`)) ?? ''
  const line = /^\[Errors\]\(errors\.md\): (.*)$/m.exec(about)?.[1] ?? ''
  return [...line.matchAll(/`(\w+)`/g)].map(([, code]) => code ?? '').filter((code) => !GATES.includes(code))
}

const FORMS: { call: string; path: string; search: Record<string, string>; within: string }[] = [
  { call: 'POST /v1/keys', path: '/keys', search: { make: 'true' }, within: '[role=dialog] form' },
  { call: 'POST /v1/webhooks', path: '/webhooks', search: { make: 'true' }, within: '[role=dialog] form' },
  { call: 'POST /v1/sms/send', path: '/send', search: {}, within: 'main form' },
]

type Answer = { code: string; param: string | null; detail: string }

/** Where the form says this: at which field, or above its button; and where the focus is. */
const placeOf = (form: Locator, detail: string): Promise<{ said: string | null; focus: string | null }> =>
  form.evaluate((root, text) => {
    const nameOf = (element: Element | null): string | null => element?.closest('[data-field]')?.getAttribute('data-field') ?? (element?.closest('[data-form-errors]') ? 'the form' : null)
    const words = [...root.querySelectorAll('bdi')].find((each) => each.textContent === text)
    let around: Element | null = words ?? null
    if (around?.closest('[data-form-errors]')) return { said: 'the form', focus: nameOf(document.activeElement) }
    while (around !== null && around !== root && around.closest('[data-field]') === null && around.querySelector('[data-field]') === null) around = around.parentElement
    const field = around?.closest('[data-field]') ?? around?.querySelector('[data-field]') ?? null
    return { said: words === undefined ? null : (field?.getAttribute('data-field') ?? null), focus: nameOf(document.activeElement) }
  }, detail)

const TRIED = process.env.ALL_LANGUAGES === undefined ? ['en', 'ar'] : Object.keys(LANGUAGES)

for (const language of TRIED) {
  test(`each refusal at its field: ${language}`, async ({ page }) => {
    test.setTimeout(120_000)
    let answer: Answer = { code: '', param: null, detail: '' }
    await page.addInitScript((tag) => localStorage.setItem('onesixty-language', tag), language)
    for (const { call } of FORMS) {
      await page.route(`**${call.split(' ')[1]}`, (route) =>
        route.request().method() !== 'POST'
          ? route.fallback()
          : route.fulfill({ status: 422, contentType: 'application/problem+json', json: { type: '', title: '', status: 422, retryable: false, request_id: 'req_test', doc_url: '', ...answer } }),
      )
    }
    await visit(page)
    await expect(page.locator('html')).toHaveAttribute('lang', language)
    for (const { call, path, search, within } of FORMS) {
      const codes = codesOf(call)
      expect(codes, call).toContain('invalid_field')
      await go(page, path, search)
      const form = page.locator(within)
      await expect(form.locator('[type=submit]').last()).toBeVisible()
      const fields = await form.locator('[data-field]').evaluateAll((found) => [...new Set(found.map((field) => field.getAttribute('data-field') ?? ''))])
      expect(fields.length, call).toBeGreaterThan(2)
      // As many as there are places, so that each field and the form itself is answered at.
      for (let place = 0; place < Math.max(codes.length, fields.length + 1); place += 1) {
        const at = [...fields, null][place % (fields.length + 1)] ?? null
        answer = { code: codes[place % codes.length] ?? '', param: at, detail: `Refusal ${place} of ${call}` }
        await form.locator('[type=submit]').last().click()
        const expected = at ?? 'the form'
        await expect.poll(() => placeOf(form, answer.detail), `${call}: ${answer.code} at ${at}`).toEqual({ said: expected, focus: expected })
      }
    }
  })
}
