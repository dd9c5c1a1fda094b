// Debian's Chromium, driven by playwright-core, and what is looked at on every page.
//
// `open` starts it; `visit` loads a page and says what it asked for; `violations` runs axe-core; `tabTo` moves as somebody
// does who has a keyboard alone.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TABS_MAX = 400

export const LANGUAGES = ['en', 'fr', 'es', 'ru', 'ar', 'zh']
/** How many bytes a page and its styles may have together, compressed. */
export const WEIGHT_MAX = 20 * 1024

/** Chromium from Debian, or from `CHROMIUM`; a browser that is missing is a failure. */
export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
}

/** The addresses, without language and query, of every page that a window showed. */
export const shown = new Set()

/** A window of its own, without anybody's cookies. */
export async function window(browser, { width = 1280, height = 900, scheme = 'light', script = true, lang = 'en', forced } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    forcedColors: forced ? 'active' : 'none',
    javaScriptEnabled: script,
    locale: lang,
    reducedMotion: 'reduce',
  })
  context.on('page', (page) => page.on('framenavigated', (frame) => shown.add(withoutLanguage(frame.url()))))
  return context
}

/** The address of a page without its language and query. */
export function withoutLanguage(url) {
  const { origin, pathname } = new URL(url)
  return origin + (pathname.replace(/^\/(en|fr|es|ru|ar|zh)(?=\/|$)/, '') || '/')
}

/**
 * Loads `url`, and throws if it is not answered by `status`, asks another origin for anything, has a script, or
 * complains. Returns the page.
 */
export async function visit(context, url, status = 200) {
  const page = await context.newPage()
  const wrong = []
  const origin = new URL(url).origin
  page.on('request', (request) => {
    const address = request.url()
    if (!address.startsWith(`${origin}/`) && !address.startsWith('data:')) wrong.push(`it asks ${address}`)
    if (request.resourceType() === 'script') wrong.push(`it has the script ${address}`)
  })
  page.on('console', (message) => {
    // Chromium says in the console that the page itself was answered with an error.
    const itself = message.location().url === url && /status of \d+/.test(message.text())
    if (message.type() === 'error' && !itself) wrong.push(`the console says: ${message.text()}`)
  })
  page.on('pageerror', (error) => wrong.push(`the page says: ${error.message}`))
  page.on('requestfailed', (request) => wrong.push(`${request.url()} could not be loaded`))
  const answer = await page.goto(url)
  if (answer.status() !== status) wrong.push(`it answered ${answer.status()}, not ${status}`)
  if (wrong.length > 0) throw new Error(`${url}: ${wrong.join('; ')}`)
  return page
}

/** What axe-core finds wrong with a page: `rule: selector` each. */
export async function violations(page) {
  // Evaluated by the browser's own protocol, so that the page's policy needs no hole for it.
  await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, {
      runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
      resultTypes: ['violations'],
    })
    return { passes: result.passes.length, violations: result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.failureSummary?.replace(/\s+/g, ' ')})`).slice(0, 3).join(', ')}`) }
  })
  // A page on which nothing could be checked would be without violations, too.
  if (found.passes < 5) throw new Error(`axe-core found only ${found.passes} rules to check`)
  return found.violations
}

/** Whether the page can be scrolled sideways. */
export function isTooWide(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1)
}

/** Presses Tab until the element with focus matches `selector` and, where given, has `text` in it. */
export async function tabTo(page, selector, text = '') {
  for (let count = 0; count < TABS_MAX; count += 1) {
    await page.keyboard.press('Tab')
    const there = await page.evaluate(
      ([selector, text]) => {
        const active = document.activeElement
        return Boolean(active && active !== document.body && active.matches(selector) && (active.textContent + (active.value ?? '')).includes(text))
      },
      [selector, text],
    )
    if (!there) continue
    // Where somebody is has to be seen.
    const seen = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement)
      return style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2
    })
    if (!seen) throw new Error(`nothing shows that ${selector} has the focus`)
    return
  }
  throw new Error(`no ${selector} with “${text}” is reached by Tab on ${page.url()}`)
}

/** A page as a program gets it: `{ status, headers, html, bytes }`, `bytes` being what went over the wire. */
export async function fetchPage(url, headers = {}) {
  const { request } = await import(url.startsWith('https:') ? 'node:https' : 'node:http')
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { Accept: 'text/html,*/*;q=0.5', 'Accept-Encoding': 'gzip', ...headers }, timeout: 20_000 }, (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const body = Buffer.concat(chunks)
        const compressed = answer.headers['content-encoding'] === 'gzip'
        const html = (compressed ? gunzipSync(body) : body).toString('utf8')
        resolve({ status: answer.statusCode, headers: answer.headers, html, bytes: body.length })
      })
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error(`${url} did not answer`)))
    asked.end()
  })
}

