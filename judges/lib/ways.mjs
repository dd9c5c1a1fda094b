// Whole ways through the pages, gone as people go them: from the front page to a receipt by keyboard alone and with scripts
// off, confirmed by mail and signed with a wallet; and what every page must do on the way.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { fetchPage, isTooWide, tabTo, violations, visit, window } from './browser.mjs'
import { equal, truthy } from './cases.mjs'
import { walletParty } from './parties.mjs'
import { linkOn } from './sites.mjs'

/** How many pages lie between the front page and a receipt, both counted, at the most. */
const PAGES_MAX = 6
const MAIL_SECONDS_MAX = 30
const OFFER = '[href^="openid-credential-offer:"]'

export async function judgeWays({ aim, judge, browser }) {
  for (const lang of ['en', 'ar']) {
    await judge.case(`by_keyboard_without_script_confirmed_by_mail_${lang}`, async () => {
      const context = await window(browser, { script: false, lang })
      const page = await context.newPage()
      const pages = counted(page)
      await page.goto(`${aim.secretariat}/${lang}/`)
      await toTheForm(page)
      const title = await fillIn(page, `keyboard ${lang}`)
      await isGood(page)
      const before = new Set(mails(aim))
      await tabTo(page, 'input[name=mail]')
      await page.keyboard.type(`keyboard-${lang}@example.org`)
      await submitBy(page, 'form:has(input[name=mail]) button')
      await isGood(page)
      await page.goto(await linkInMail(aim, before))
      await isGood(page)
      await submitBy(page, 'main form button')
      await isReceipt(page, title)
      truthy(pages.size <= PAGES_MAX, `${pages.size} pages to a receipt: ${[...pages].join(', ')}`)
      await context.close()
    })
  }

  const wallet = await walletParty(aim, {
    issuerAnchors: [readFileSync(join(aim.data, 'secretariat', 'anchor.pem'), 'utf8')],
    askerAnchors: [readFileSync(join(aim.data, 'secretariat', 'anchor.pem'), 'utf8')],
  })
  try {
    await judge.case('by_keyboard_without_script_signed', async () => {
      const context = await window(browser, { script: false })
      const page = await context.newPage()
      const pages = counted(page)
      await page.goto(`${aim.secretariat}/en/`)
      await toTheForm(page)
      const title = await fillIn(page, 'signed')
      // Who has no card gets one on the way: that is another tab, as it would be another device.
      const tab = await context.newPage()
      await tab.goto(page.url().replace(/\/review.*$/, '/card'))
      if ((await tab.locator(OFFER).count()) === 0) await tab.locator('main form button').first().click()
      await isGood(tab)
      const offer = await tab.locator(OFFER).first().getAttribute('href')
      truthy((await wallet.accept(offer)).ok, 'the wallet accepts the participant card')
      await tab.close()
      await submitBy(page, 'button[name=device][value=cross]')
      await isGood(page)
      const asked = await page.locator('[href^="openid4vp:"], [data-link^="openid4vp:"]').first().getAttribute('href')
      const answered = await wallet.answer(asked)
      truthy(answered.ok, `the wallet answers: ${JSON.stringify(answered)}`)
      await page.reload()
      if (!/receipt/.test(page.url())) await submitBy(page, 'main a.button, main form button')
      await isReceipt(page, title)
      truthy(pages.size <= PAGES_MAX, `${pages.size} pages to a receipt: ${[...pages].join(', ')}`)
      await context.close()
    })
  } finally {
    await wallet.close()
  }

  await judge.case('a_receipt_dropped_on_the_page_of_the_log', async () => {
    const context = await window(browser, { script: false })
    const page = await context.newPage()
    const receipt = await linkOn(await linkOn(`${aim.secretariat}/calls/OTT-2017/submissions`, /^\/submissions\/[^/]+\/receipt$/), /\/proof\.txt$|\/receipt\.txt$/)
    const { html: text } = await fetchPage(receipt)
    const dropped = async (content) => {
      await page.goto(`${aim.secretariat}/en/log`)
      await page.setInputFiles('input[type=file]', { name: 'receipt.txt', mimeType: 'text/plain', buffer: Buffer.from(content) })
      await Promise.all([page.waitForNavigation(), page.locator('main form button').click()])
      return page.locator('main .alert').first().getAttribute('class')
    }
    truthy((await dropped(text)).includes('valid'), 'a genuine one is')
    const at = text.lastIndexOf('+/') > 0 ? text.lastIndexOf('+/') : Math.floor(text.length / 2)
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
    truthy((await dropped(changed)).includes('refused'), 'one that was changed is not')
    truthy((await dropped('something else')).includes('refused'), 'nor is what is none')
    await context.close()
  })

  await judge.case('a_form_says_what_is_missing_and_keeps_the_rest', async () => {
    const context = await window(browser, { script: false })
    const page = await context.newPage()
    await page.goto(`${aim.secretariat}/en/`)
    await toTheForm(page)
    await page.fill('input[name=name]', 'Somebody')
    await submitBy(page, 'main form button:not([name])')
    truthy((await page.locator('main .errors, main [role=alert]').count()) > 0, 'a summary of what is missing')
    truthy((await page.locator('main [aria-invalid=true]').count()) > 0, 'the field says that it is missing')
    equal(await page.inputValue('input[name=name]'), 'Somebody', 'what was typed is kept')
    truthy((await page.title()).length > 0, 'a title')
    await context.close()
  })

  await judge.case('a_form_from_elsewhere_is_refused', async () => {
    const context = await window(browser, {})
    const page = await context.newPage()
    await page.goto(`${aim.secretariat}/en/`)
    await toTheForm(page)
    await page.locator('input[name=csrf]').first().evaluate((input) => (input.value = 'somebody else’s'))
    await page.fill('main textarea', 'an answer')
    await page.fill('input[name=name]', 'Somebody')
    const [answer] = await Promise.all([page.waitForNavigation(), page.locator('main form button:not([name])').first().click()])
    equal(answer.status(), 403, 'status')
    truthy((await page.locator('main').innerText()).includes('csrf'), 'the page says the code')
    await context.close()
  })
}

/** The pages that are shown in a tab, without languages and what is asked for: a form that is shown again is one page. */
function counted(page) {
  const pages = new Set()
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame() && frame.url().startsWith('http')) pages.add(new URL(frame.url()).pathname.replace(/[0-9A-Za-z_-]{20,}/g, '…'))
  })
  return pages
}

/** From the front page to the form of the call that is open. */
async function toTheForm(page) {
  await tabTo(page, 'a[href$="/answer"]')
  await follow(page)
}

/** Presses Enter, and waits for the page that comes. */
async function follow(page) {
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
}

async function submitBy(page, selector) {
  await tabTo(page, selector)
  await follow(page)
}

/** Fills in what must be filled in, by keyboard, and goes to the review. */
async function fillIn(page, words) {
  const text = `An answer typed by ${words}, line of ${Date.now()}`
  await tabTo(page, 'textarea')
  await page.keyboard.type(text)
  await tabTo(page, 'input[type=checkbox]')
  await page.keyboard.press('Space')
  await tabTo(page, 'input[name=name]')
  await page.keyboard.type('Amina Example')
  await submitBy(page, 'main form button:not([name])')
  truthy((await page.locator('main').innerText()).includes(text), 'the review shows the answer')
  return text
}

async function isReceipt(page) {
  truthy(/\/submissions\/[^/]+\/receipt/.test(page.url()), `a receipt, not ${page.url()}`)
  truthy((await page.locator('h1').count()) === 1, 'one heading')
  truthy((await page.locator('main a[download], main a[href*="receipt"]').count()) > 0, 'the receipt can be taken away')
  await isGood(page)
}

/** A page on the way, of which there is none to visit without going there. */
async function isGood(page) {
  // axe-core is a script: it looks at the same page in a window of its own, with the same cookies.
  const context = await window(page.context().browser(), { width: 320 })
  await context.addCookies(await page.context().cookies())
  const same = await visit(context, page.url())
  equal(await violations(same), [], same.url())
  truthy(!(await isTooWide(same)), `${same.url()} is too wide`)
  await context.close()
}

/** Lets a wallet into the staff by invitation, in a window without scripts, and returns the cookies of its session. */
export async function signIn(aim, browser) {
  const anchor = readFileSync(join(aim.data, 'secretariat', 'anchor.pem'), 'utf8')
  const wallet = await walletParty(aim, { issuerAnchors: [anchor], askerAnchors: [anchor] })
  const context = await window(browser, { script: false })
  try {
    const page = await context.newPage()
    await page.goto(`${aim.secretariat}/en/`)
    const answer = await page.locator('a[href$="/answer"]').first().getAttribute('href')
    await page.goto(`${aim.secretariat}${answer}/card`)
    if ((await page.locator(OFFER).count()) === 0) await page.locator('main form button').first().click()
    truthy((await wallet.accept(await page.locator(OFFER).first().getAttribute('href'))).ok, 'the wallet accepts the participant card')
    const config = join(aim.data, 'secretariat', 'config.toml')
    const invited = execFileSync(aim.sahihi, ['admin', 'invite', '--config', config, '--role', 'administrator', '--role', 'secretary'], { encoding: 'utf8' })
    await page.goto(JSON.parse(invited).link)
    await isGood(page)
    await submitBy(page, 'button[name=device][value=cross]')
    await isGood(page)
    const answered = await wallet.answer(await page.locator('[href^="openid4vp:"]').first().getAttribute('href'))
    truthy(answered.ok, `the wallet answers: ${JSON.stringify(answered)}`)
    await page.reload()
    const cookies = await context.cookies()
    truthy(cookies.some(({ name, httpOnly, sameSite }) => name.endsWith('_session') && httpOnly && sameSite === 'Lax'), 'a session has begun')
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  } finally {
    await context.close()
    await wallet.close()
  }
}

/** What `draftAtTheDesk` drafts. */
const CIRCULAR = 'JUDGE-C'
const CALL = 'JUDGE-1'

/** Drafts a circular with an annex, and a call with a question, at the desk, by keyboard alone and with scripts off. */
export async function draftAtTheDesk(aim, browser, cookies) {
  const context = await window(browser, { script: false })
  await context.addCookies(cookies)
  const page = await context.newPage()
  const begin = async (what, symbol) => {
    await page.goto(`${aim.secretariat}/en/desk`)
    await tabTo(page, `a[href$="/desk/${what}/new"]`)
    await follow(page)
    await fillRequired(page, { symbol, circular: CIRCULAR })
    await submitBy(page, 'main form button:not([name])')
    equal(new URL(page.url()).pathname, `/en/desk/${what}/${symbol}`, 'what was drafted')
  }
  await begin('circulars', CIRCULAR)
  await tabTo(page, `a[href$="/${CIRCULAR}/files"]`)
  await follow(page)
  // A keyboard leads to the window of the system that chooses files, which no page can see.
  await tabTo(page, 'input[type=file]')
  await page.setInputFiles('input[type=file]', { name: 'annex.csv', mimeType: 'text/csv', buffer: Buffer.from('item,number\nannex,1\n') })
  await fillRequired(page, {})
  await submitBy(page, 'main form button:not([name])')
  await begin('calls', CALL)
  await tabTo(page, 'a[href*="/questions/"]')
  await follow(page)
  await fillRequired(page, {})
  await submitBy(page, 'main form button:not([name])')
  await context.close()
  return { circular: `${aim.secretariat}/desk/circulars/${CIRCULAR}`, call: `${aim.secretariat}/desk/calls/${CALL}` }
}

/** Sends the circular that was drafted, by keyboard, after which everybody sees it and its call. */
export async function sendFromTheDesk(aim, browser, cookies) {
  const context = await window(browser, { script: false })
  await context.addCookies(cookies)
  const page = await context.newPage()
  const call = `${aim.secretariat}/calls/${CALL}`
  equal((await fetchPage(call)).status, 404, 'nobody sees a draft')
  await page.goto(`${aim.secretariat}/en/desk/circulars/${CIRCULAR}`)
  await submitBy(page, 'form[action$="/send"] button')
  await isGood(page)
  equal((await fetchPage(call)).status, 200, 'everybody sees what was announced')
  await context.close()
}

/** Types something into each field that must be filled in and is empty, and into those that are named. */
async function fillRequired(page, values) {
  const fields = await page.locator('main form :is(input, textarea)').evaluateAll((all) =>
    all
      .filter((field) => ['text', 'textarea'].includes(field.type))
      .map((field) => ({ id: field.id, name: field.name, isEmpty: field.value.trim() === '', isRequired: field.ariaRequired === 'true' })),
  )
  for (const { id, name, isEmpty, isRequired } of fields) {
    const typed = values[name] ?? (isRequired && isEmpty ? `An example of ${name}` : undefined)
    if (typed === undefined) continue
    await tabTo(page, `[id="${id}"]`)
    await page.keyboard.type(typed)
  }
}

function mails({ data }) {
  const folder = join(data, 'mail')
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

/** The link in the mail that came since. */
async function linkInMail(aim, before) {
  const end = Date.now() + MAIL_SECONDS_MAX * 1000
  while (Date.now() < end) {
    for (const file of mails(aim).filter((name) => !before.has(name))) {
      const text = decoded(readFileSync(file, 'utf8'))
      const [link] = text.match(/http:\/\/localhost:\d+\/\S*confirm\/\S+/) ?? []
      if (link) return link
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('no mail came')
}

/** The text of a mail: quoted-printable (RFC 2045, section 6.7) or base64, or as it is. */
function decoded(mail) {
  const at = mail.search(/\r?\n\r?\n/)
  const [head, body] = [mail.slice(0, at), mail.slice(at)]
  if (/^content-transfer-encoding: *base64/im.test(head)) return Buffer.from(body, 'base64').toString('utf8')
  return body.replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}
