// How fast the console is, measured in the browser: printed as tables, and asserted nowhere.
//
//   npm run bench                    all pages, in each profile
//   npm run bench -- /messages /     these pages
//   npm run bench -- --only phone
//   npm run bench -- --loads         the visits alone
//   npm run bench -- --why           also which element was painted last, and what was moved by how much
//
// A page is visited with nothing in the cache, and then again with what the first visit left there ("again"). "Desk" is
// this machine as it is. "Bar" is where our limits are measured (web/README.md): a processor four times slower behind
// 10 Mbit/s with 40 ms of delay, on a desk; "narrow" is the same on a phone's screen. "Phone" is a slow network besides:
// 1.6 Mbit/s with 150 ms. Another program on the machine makes the figures worse.
import { parseArgs } from 'node:util'
import { type Browser, chromium, type Page } from '@playwright/test'
import { Between } from './between.ts'
import { LAUNCH, signedIn } from './browser.ts'
import { go, routes, settled, visit } from './pages.ts'
import { Product } from './product.ts'
import seed from './town.seed.ts'
import { until } from './waiting.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string', default: 'desk,bar,narrow,phone' }, why: { type: 'boolean', default: false }, loads: { type: 'boolean', default: false } } })

type Profile = { cpu: number; network?: { latency: number; downloadThroughput: number; uploadThroughput: number }; viewport: { width: number; height: number } }
const KBIT = 1000 / 8
const DESK = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }
const BAR = { latency: 40, downloadThroughput: 10_000 * KBIT, uploadThroughput: 10_000 * KBIT }
const PROFILES: Record<string, Profile> = {
  desk: { cpu: 1, viewport: DESK },
  bar: { cpu: 4, network: BAR, viewport: DESK },
  narrow: { cpu: 4, network: BAR, viewport: PHONE },
  phone: { cpu: 4, network: { latency: 150, downloadThroughput: 1600 * KBIT, uploadThroughput: 750 * KBIT }, viewport: PHONE },
}
const MESSAGES = 10_000
const BATCH = 2_000
const TAG = 'bench'
const EVENTS_PER_SECOND = 500
const SECONDS = 5

/** What the browser noticed since the page began. */
type Noticed = { lcp: number; cls: number; tasks: number; longest: number; slowest: number; /** What was painted last, and what was moved. */ why: string[] }

// Another build than that of these sources, to compare both in one hour: `BUILD=/folder npm run bench`.
const product = await Product.start(process.env.BUILD === undefined ? {} : { console: process.env.BUILD })
const between = await Between.before(product.url)
const browser = await chromium.launch(LAUNCH)
try {
  const session = await product.owner()
  await seed(product, session)
  for (let first = 0; first < MESSAGES; first += BATCH) {
    const to = Array.from({ length: BATCH }, (_, place) => `+4915112${String(first + place).padStart(6, '0')}`)
    await product.call('POST', '/v1/sms/batch', { to, from: 'Acme', tags: [TAG], text: 'Your parcel arrives between 14:00 and 16:00.' })
  }
  await delivered()
  for (const name of values.only.split(',')) {
    const profile = PROFILES[name]
    if (profile === undefined) throw new Error(`no profile ${name}: ${Object.keys(PROFILES).join(', ')}`)
    await measure(name, profile, session)
  }
} finally {
  await browser.close()
  between.stop()
  await product.stop()
}

/** Wait until the batches are delivered: until then the product is at work, and the pages wait for it. */
async function delivered(): Promise<void> {
  const waiting = async (): Promise<number> => (await product.call('GET', `/v1/messages/counts?tag=${TAG}&status=queued&status=sent`)).total
  await until('the end of the batches', waiting, (total) => total === 0, 600_000)
}

async function measure(name: string, profile: Profile, session: string): Promise<void> {
  const first = await opened(browser, profile, session)
  await visit(first)
  const paths = positionals.length > 0 ? positionals : (await routes(first)).plain
  await first.context().close()

  console.log(`\n${name}: the first visit of each page\n`)
  const loads: object[] = []
  for (const path of paths) {
    const page = await opened(browser, profile, session)
    await visit(page, path)
    const { lcp, cls, tasks, longest, why } = await noticed(page)
    const before = await readBefore(page, lcp)
    await page.reload()
    await settled(page)
    const again = await noticed(page)
    loads.push({
      page: path, 'LCP ms': Math.round(lcp), ...before, CLS: cls.toFixed(3), 'long tasks': tasks, 'longest ms': Math.round(longest),
      'again LCP ms': Math.round(again.lcp), 'again CLS': again.cls.toFixed(3),
    })
    if (values.why) console.log([path, ...why.filter((line, place) => line.startsWith('moved') || !why.slice(place + 1).some((later) => later.startsWith('painted')))].join('\n  '))
    await page.context().close()
  }
  console.table(loads)
  if (values.loads) return

  const page = await opened(browser, profile, session)
  await visit(page, '/messages')
  console.log(`\n${name}: at work in the list of messages\n`)
  console.table([
    { what: 'filter, open, go back', ...(await during(page, () => atWork(page))) },
    { what: 'scroll', ...(await during(page, () => scroll(page))) },
    { what: `${EVENTS_PER_SECOND} events a second`, ...(await during(page, () => events(page))) },
  ])
  console.log(`\n${name}: memory\n`)
  const rounds: object[] = []
  for (const round of [1, 2, 3]) {
    for (const path of paths) await go(page, path)
    rounds.push({ 'after all pages': round, 'heap MB': await heap(page) })
  }
  console.table(rounds)
  await page.context().close()
}

async function opened(from: Browser, { cpu, network, viewport }: Profile, session: string): Promise<Page> {
  const context = await from.newContext({ baseURL: between.url, storageState: signedIn(between.url, session), viewport, locale: 'en-US' })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: cpu })
  await devtools.send('Network.enable')
  if (network !== undefined) await devtools.send('Network.emulateNetworkConditions', { offline: false, ...network })
  await page.addInitScript(() => {
    const found: Noticed = { lcp: 0, cls: 0, tasks: 0, longest: 0, slowest: 0, why: [] }
    Object.assign(window, { noticed: found })
    type Rect = { x: number; y: number; width: number; height: number }
    type Moved = { node: Node | null; previousRect: Rect; currentRect: Rect }
    type Entry = PerformanceEntry & { value?: number; hadRecentInput?: boolean; interactionId?: number; element?: Element | null; sources?: Moved[] }
    const nameOf = (node: Node | null | undefined): string =>
      node instanceof Element ? `<${node.localName} ${node.id || node.className.toString()}> ${node.textContent?.slice(0, 30)}` : (node?.textContent?.slice(0, 40) ?? 'gone')
    const at = ({ x, y, width, height }: Rect): string => [x, y, width, height].map(Math.round).join(' ')
    const observe = (type: string, note: (entry: Entry) => void, more = {}): void =>
      new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more })
    observe('largest-contentful-paint', (entry) => {
      found.lcp = entry.startTime
      found.why.push(`painted ${nameOf(entry.element)}`)
    })
    observe('layout-shift', (entry) => {
      if (entry.hadRecentInput === true) return
      found.cls += entry.value ?? 0
      for (const { node, previousRect, currentRect } of entry.sources ?? []) {
        found.why.push(`moved at ${Math.round(entry.startTime)} ms (${entry.value?.toFixed(3)}) from ${at(previousRect)} to ${at(currentRect)}: ${nameOf(node)}`)
      }
    })
    observe('longtask', (entry) => {
      found.tasks += 1
      found.longest = Math.max(found.longest, entry.duration)
    })
    observe('event', (entry) => (found.slowest = Math.max(found.slowest, (entry.interactionId ?? 0) > 0 ? entry.duration : 0)), { durationThreshold: 16 })
  })
  return page
}

/** How many files and answers were read before the largest part was painted, and their bytes: a busy machine does not change them. */
function readBefore(page: Page, lcp: number): Promise<object> {
  return page.evaluate((until) => {
    const read = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(({ responseEnd }) => responseEnd <= until)
    return { requests: read.length, kB: Math.round(read.reduce((all, { encodedBodySize }) => all + encodedBodySize, 0) / 1000) }
  }, lcp)
}

function noticed(page: Page): Promise<Noticed> {
  return page.evaluate(() => (window as unknown as { noticed: Noticed }).noticed)
}

/** Do something, and say what the browser noticed meanwhile: the slowest interaction, long tasks, and frames. */
async function during(page: Page, act: () => Promise<void>): Promise<object> {
  await page.evaluate(() => {
    const { noticed: found } = window as unknown as { noticed: Noticed }
    Object.assign(found, { tasks: 0, longest: 0, slowest: 0 })
    const frames: number[] = []
    Object.assign(window, { deltas: frames })
    let last = performance.now()
    const next = (now: number): void => {
      frames.push(now - last)
      last = now
      requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })
  await act()
  const frames = await page.evaluate(() => (window as unknown as { deltas: number[] }).deltas.toSorted((one, other) => one - other))
  const { tasks, longest, slowest } = await noticed(page)
  const at = (share: number): number => Math.round(frames[Math.floor(share * (frames.length - 1))] ?? 0)
  return { 'INP ms': slowest === 0 ? '–' : Math.round(slowest), 'long tasks': tasks, 'longest ms': Math.round(longest), 'frame p50 ms': at(0.5), 'frame p95 ms': at(0.95), 'frame max ms': at(1) }
}

async function atWork(page: Page): Promise<void> {
  const filter = page.locator('[data-filter]')
  for (let again = 0; again < 3; again += 1) {
    await filter.click()
    await filter.pressSequentially('49151')
    await page.keyboard.press('Enter')
    await settled(page)
    await page.getByRole('table').getByRole('link').first().click()
    await settled(page)
    await page.goBack()
    await settled(page)
    await page.keyboard.press('Escape')
    await go(page, '/messages')
  }
}

async function scroll(page: Page): Promise<void> {
  await page.mouse.move(400, 500)
  for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, 400)
  await settled(page)
  await page.evaluate(() => scrollTo(0, 0))
}

async function events(page: Page): Promise<void> {
  const message = (await product.call('GET', '/v1/messages?limit=1')).data[0]
  for (let told = 0; told < EVENTS_PER_SECOND * SECONDS; told += EVENTS_PER_SECOND / 50) {
    between.tell(
      Array.from({ length: EVENTS_PER_SECOND / 50 }, (_, place) => ({
        type: 'message.queued', data: { type: 'message.queued', data: { ...message, id: `msg_9${String(told + place).padStart(25, '0')}` } },
      })),
    )
    await new Promise((next) => setTimeout(next, 20))
  }
  await settled(page)
}

/** What the page keeps, after what it let go of was collected. */
async function heap(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  await devtools.send('Performance.enable')
  const { metrics } = await devtools.send('Performance.getMetrics')
  return Math.round((metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e5) / 10
}
