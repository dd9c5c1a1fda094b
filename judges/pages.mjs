// The pages, as people meet them: Debian's Chromium on the demonstration's three parties, axe-core, a keyboard, and no script.
//
// Every kind of page in `lib/sites.mjs` is loaded in six languages without asking anybody else, weighed, and held to what is said in its head; looked
// at by axe-core in English, Arabic and Chinese, light and dark, at 320 px; and its outline for those who hear it is
// compared with `aria/`. Then whole ways are gone, by keyboard alone and with scripts off.
//
// JUDGE_SOAK=1 looks at every page in every language and width; JUDGE_ARIA=write writes the outlines anew, to be read and
// committed. Pictures of the main pages go to `.out/screenshots`; `cargo xtask screenshots` puts them into docs.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchPage, isTooWide, LANGUAGES, openBrowser, shown, violations, visit, WEIGHT_MAX, window } from './lib/browser.mjs'
import { equal, Judge, run, truthy } from './lib/cases.mjs'
import { target } from './lib/parties.mjs'
import { inLanguage, kindsNotShown, kindsOfPages, kindsOfTheDesk } from './lib/sites.mjs'
import { draftAtTheDesk, judgeWays, sendFromTheDesk, signIn } from './lib/ways.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const SOAK = Boolean(process.env.JUDGE_SOAK)
const AXE_LANGUAGES = SOAK ? LANGUAGES : ['en', 'ar', 'zh']
const WIDTHS = SOAK ? [320, 768, 1280] : [320]
/** How many kinds of pages the three parties have at the least. */
const PAGES_MIN = 40
const SCHEMES = ['light', 'dark']
const MONTHS = new RegExp(
  ['en', 'ar']
    .flatMap((lang) => Array.from({ length: 12 }, (_, month) => new Intl.DateTimeFormat(lang, { month: 'long' }).format(new Date(2026, month, 15))))
    .join('|'),
  'g',
)

await run(async () => {
  const aim = target()
  const judge = new Judge('pages', aim)
  const browser = await openBrowser()
  try {
    let cookie
    await judge.case('signing_in_by_invitation', async () => {
      cookie = await signIn(aim, browser)
    })
    const cookies = cookie ? cookiesOf({ cookie, url: aim.secretariat }) : []
    let drafted
    await judge.case('drafting_at_the_desk_by_keyboard', async () => {
      drafted = await draftAtTheDesk(aim, browser, cookies)
    })
    const kinds = [...(await kindsOfPages(aim)), ...(drafted ? await kindsOfTheDesk(aim, cookie, drafted) : [])]
    const windows = new Map()
    const shared = async (key, options) => {
      if (!windows.has(key)) windows.set(key, window(browser, options))
      return windows.get(key)
    }
    const styles = new Map()

    const look = async (kind) => {
      const cookie = kind.cookie ? { Cookie: kind.cookie } : {}

      await judge.case(`loads_${kind.name}`, async () => {
        for (const lang of LANGUAGES) {
          const url = inLanguage(kind.url, lang)
          const { status, headers, html, bytes } = await fetchPage(url, cookie)
          equal(status, kind.status ?? 200, `${url}: status`)
          truthy(headers['content-type']?.startsWith('text/html; charset=utf-8'), `${url} is HTML`)
          const [, opening] = html.match(/<html([^>]*)>/) ?? []
          truthy(opening?.includes(`lang="${lang}"`) && opening.includes(`dir="${lang === 'ar' ? 'rtl' : 'ltr'}"`), `${url}: language and direction, not <html${opening}>`)
          truthy(!/<script|\son[a-z]+=|javascript:/i.test(html.replaceAll(/&[a-z]+;/g, '')), `${url} has a script`)
          truthy(!/\sstyle=/.test(html), `${url} has styles in attributes`)
          const policy = headers['content-security-policy'] ?? ''
          truthy(policy.includes("default-src 'none'") && !policy.includes('unsafe'), `${url}: policy ${policy}`)
          equal(headers['x-content-type-options'], 'nosniff', `${url}: sniffing`)
          for (const other of LANGUAGES) truthy(html.includes(`hreflang="${other}"`), `${url} does not name itself in ${other}`)
          let weight = bytes
          for (const [, href] of html.matchAll(/<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"/g)) {
            const sheet = new URL(href, url).href
            if (!styles.has(sheet)) styles.set(sheet, fetchPage(sheet, { Accept: 'text/css' }))
            const style = await styles.get(sheet)
            equal(style.status, 200, sheet)
            truthy(/immutable/.test(style.headers['cache-control'] ?? ''), `${sheet} can be kept`)
            weight += style.bytes
          }
          truthy(weight <= WEIGHT_MAX, `${url} weighs ${weight} bytes with its styles, and ${WEIGHT_MAX} are the most`)
          // In the others axe-core looks at it, below.
          if (AXE_LANGUAGES.includes(lang)) continue
          const context = await shared(`loads ${kind.cookie ?? ''}`, {})
          if (kind.cookie) await context.addCookies(cookiesOf(kind))
          const page = await visit(context, url, kind.status ?? 200)
          truthy((await page.locator('main h1').count()) === 1, `${url} has one heading`)
          await page.close()
        }
      })

      await judge.case(`axe_${kind.name}`, async () => {
        for (const scheme of SCHEMES) {
          for (const width of WIDTHS) {
            const context = await shared(`${scheme} ${width} ${kind.cookie ?? ''}`, { width, height: 800, scheme })
            if (kind.cookie) await context.addCookies(cookiesOf(kind))
            for (const lang of AXE_LANGUAGES) {
              const page = await visit(context, inLanguage(kind.url, lang), kind.status ?? 200)
              const found = await violations(page)
              equal(found, [], `${page.url()} ${scheme} at ${width} px`)
              truthy(!(await isTooWide(page)), `${page.url()} is wider than ${width} px`)
              await page.close()
            }
          }
        }
      })

      if (kind.outline) {
        await judge.case(`outline_${kind.name}`, async () => {
          const context = await shared('outline', {})
          if (kind.cookie) await context.addCookies(cookiesOf(kind))
          for (const lang of ['en', 'ar']) {
            const page = await visit(context, inLanguage(kind.url, lang), kind.status ?? 200)
            const outline = `${stable(await page.locator('body').ariaSnapshot())}\n`
            await page.close()
            const file = join(HERE, 'aria', `${kind.name}.${lang}.yml`)
            if (process.env.JUDGE_ARIA === 'write') {
              mkdirSync(dirname(file), { recursive: true })
              writeFileSync(file, outline)
            }
            const expected = readFileSync(file, 'utf8')
            if (outline !== expected) throw new Error(`${file} differs: ${firstDifference(expected, outline)}`)
          }
        })
      }
    }
    // Two at a time: Chromium has a process for each page.
    const waiting = kinds.filter(({ name }) => !process.env.JUDGE_ONLY || name.startsWith(process.env.JUDGE_ONLY))
    const lane = async () => {
      for (let kind = waiting.shift(); kind; kind = waiting.shift()) await look(kind)
    }
    await Promise.all([lane(), lane()])

    await judgeWays({ aim, judge, browser })
    await judge.case('sending_from_the_desk_by_keyboard', () => sendFromTheDesk(aim, browser, cookies))

    if (!process.env.JUDGE_ONLY) {
      await judge.case('every_kind_of_page_was_shown', async () => {
        const { count, missing } = await kindsNotShown([aim.state, aim.service, aim.secretariat], shown)
        truthy(count >= PAGES_MIN, `the parties say that they have ${count} kinds of pages`)
        equal(missing, [], 'pages that nobody looked at')
      })
    }

    if (!process.env.JUDGE_NO_PICTURES) {
      await judge.case('pictures', async () => {
        const folder = join(HERE, '.out', 'screenshots')
        mkdirSync(folder, { recursive: true })
        for (const kind of kinds.filter((kind) => kind.picture)) {
          for (const [lang, scheme, width] of [['en', 'light', 1280], ['ar', 'light', 1280], ['zh', 'dark', 1280], ['fr', 'light', 390]]) {
            const context = await shared(`picture ${scheme} ${width}`, { width, height: 900, scheme })
            if (kind.cookie) await context.addCookies(cookiesOf(kind))
            const page = await visit(context, inLanguage(kind.url, lang), kind.status ?? 200)
            await page.screenshot({ path: join(folder, `${kind.name}-${lang}${scheme === 'dark' ? '-dark' : ''}${width < 500 ? '-phone' : ''}.png`) })
            await page.close()
          }
        }
      })
    }
  } finally {
    await browser.close()
  }
  judge.finish()
})

/** A cookie header as playwright wants it. */
function cookiesOf({ cookie, url }) {
  return cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), domain: new URL(url).hostname, path: '/' }
  })
}

/** An outline without what differs from one demonstration and one day to the next: ids, numbers, months, ports. */
function stable(outline) {
  return outline
    .replaceAll(/https?:\/\/localhost:\d+/g, 'ORIGIN')
    .replaceAll(/localhost:\d+\/log\+[0-9a-f]+\+[A-Za-z0-9+/=]+/g, 'KEY')
    .replaceAll(/[A-Za-z0-9+/]{43}=/g, 'DIGEST')
    .replaceAll(/openid4vp:\/\/[^\s"]*/g, 'LINK')
    .replaceAll(/openid-credential-offer:\/\/[^\s"]*/g, 'LINK')
    .replaceAll(/\b[a-z]{2,4}_[0-9A-Za-z_-]{8,}/g, 'ID')
    .replaceAll(MONTHS, 'MONTH')
    .replaceAll(/[0-9\u0660-\u0669]+/g, '#')
}

function firstDifference(expected, actual) {
  const [a, b] = [expected.split('\n'), actual.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  const line = at < 0 ? a.length : at
  return `line ${line + 1}: ${JSON.stringify(a[line])} became ${JSON.stringify(b[line])}`
}
