// What is measured of a page as it is drawn: what is beyond its edge, cut, or too small.
import { resolve } from 'node:path'
import type { Page } from '@playwright/test'

const PICTURES = resolve(import.meta.dirname, '..', 'test-results', 'pages')

/**
 * Keep a picture of the page as it is now, for people, if `PICTURES` is set: drawing it costs more than looking at it.
 * `whole`: with what is below the window.
 */
export async function picture(page: Page, state: string, name: string, whole = false): Promise<void> {
  if (process.env.PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${state}/${name}.jpg`, type: 'jpeg', quality: 60, fullPage: whole })
}

/** What reaches beyond the side of the window and is in nothing that scrolls by itself. Tables may. */
export const beyond = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const root = document.documentElement
    if (root.scrollWidth <= root.clientWidth) return []
    const scrolls = (element: Element | null): boolean =>
      element !== null && element !== root && (/(auto|scroll|hidden|clip)/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const wide = [...document.body.querySelectorAll('*')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect()
      return width > 0 && (right > root.clientWidth + 1 || left < -1) && !scrolls(element.parentElement)
    })
    const told = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)))
    return [`${root.scrollWidth} of ${root.clientWidth} px: ${told.slice(0, 3).map((element) => element.outerHTML.slice(0, 160)).join(' | ')}`]
  })

/** Text of which a part is cut off. What ends in an ellipsis or after some lines is meant to, and so is what is hidden. */
export const cut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = []
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      const style = getComputedStyle(element)
      if (!/hidden|clip/.test(style.overflowX + style.overflowY) || style.textOverflow === 'ellipsis') continue
      if (style.clipPath !== 'none' || !/^(none|)$/.test(style.webkitLineClamp) || element.clientWidth < 2 || element.clientHeight < 2) continue
      if (element.innerText?.trim() === '' || element.getClientRects().length === 0) continue
      // Lines that are closer than their letters are tall let them reach over by some pixels.
      const wide = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1
      const tall = style.overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 4
      if (wide || tall) found.push(`${element.scrollWidth}x${element.scrollHeight} in ${element.clientWidth}x${element.clientHeight}: ${element.outerHTML.slice(0, 160)}`)
    }
    return found.slice(0, 3)
  })

/** Space the text as WCAG 1.4.12 says, on every page until the next visit. */
export const spaceText = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }')
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  })
