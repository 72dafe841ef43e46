// axe in a page: WCAG 2.0, 2.1 and 2.2, levels A and AA.
//
// The page keeps axe until it is left, so that a check costs what its rules cost. It is evaluated past the policy of
// the page, which would not let it in.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'

const SOURCE = readFileSync(createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'), 'utf8')

export const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** The page without what is the same around each one; dialogs and menus are drawn beside it. */
const OWN = ['main', '[role=dialog]', '[role=menu]']

type Asked = { rules?: readonly string[]; but?: readonly string[]; own?: boolean; within?: string }

/**
 * What is wrong with the page as it is now, by all rules, by these, or by all `but` some; `own`: with its own part
 * alone, `within`: with these parts.
 */
export async function breaches(page: Page, { rules, but = [], own = false, within }: Asked = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(SOURCE)
  return page.evaluate(
    async ({ tags, only, without, parts }) => {
      type Node = { html: string; any: { message: string }[] }
      type Axe = { run: (context: object, options: object) => Promise<{ violations: { id: string; nodes: Node[] }[] }> }
      const runOnly = only === undefined ? { type: 'tag', values: tags } : { type: 'rule', values: only }
      const there = parts.filter((part) => document.querySelector(part) !== null)
      const context = there.length === 0 ? document : { include: there.map((part) => [part]) }
      const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(context, { runOnly, rules: without, resultTypes: ['violations'], preload: false })
      return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`.trim()))
    },
    { tags: TAGS, only: rules, without: Object.fromEntries(but.map((rule) => [rule, { enabled: false }])), parts: within !== undefined ? [within] : own ? OWN : [] },
  )
}
