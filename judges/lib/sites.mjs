// Which kinds of pages there are, one of each, in the demonstration that runs.

import { fetchPage, withoutLanguage } from './browser.mjs'

/** The same page in a language: `/calls/x` becomes `/fr/calls/x`. */
export function inLanguage(url, lang) {
  const address = new URL(url)
  address.pathname = `/${lang}${address.pathname === '/' ? '/' : address.pathname}`
  return address.href
}

/** The first link on a page whose path, without its language, matches. */
export async function linkOn(url, pattern, cookie, query = /^/) {
  const { html, status } = await fetchPage(url, cookie ? { Cookie: cookie } : {})
  for (const [, href] of html.matchAll(/<a[^>]*\shref="([^"]+)"/g)) {
    const found = new URL(href.replaceAll('&amp;', '&'), url)
    const there = withoutLanguage(found)
    if (found.origin === new URL(url).origin && pattern.test(there.slice(found.origin.length)) && query.test(found.search)) return there + found.search
  }
  throw new Error(`${url} (${status}) has no link to ${pattern}`)
}

/** One page of each kind: `{ name, url, status?, cookie?, outline?, picture? }`. */
export async function kindsOfPages({ state, service, secretariat }) {
  const closed = `${secretariat}/calls/OTT-2017`
  const answers = `${closed}/submissions`
  const open = (await linkOn(`${secretariat}/en/`, /^\/calls\/[^/]+\/answer$/)).replace(/\/answer$/, '')
  const circular = await linkOn(`${closed}`, /^\/circulars\/[^/]+$/)
  const submission = await linkOn(answers, /^\/submissions\/[^/]+$/)
  return [
    { name: 'state_front', url: `${state}/`, outline: true, picture: true },
    { name: 'state_design', url: `${state}/design`, picture: true },
    { name: 'state_log', url: `${state}/log` },
    { name: 'state_preferences', url: `${state}/preferences` },
    { name: 'state_missing', url: `${state}/nothing-here`, status: 404, outline: true },
    { name: 'service_front', url: `${service}/`, outline: true },
    { name: 'front', url: `${secretariat}/`, outline: true, picture: true },
    { name: 'login', url: `${secretariat}/login`, outline: true },
    { name: 'calls', url: `${secretariat}/calls`, outline: true, picture: true },
    { name: 'circulars', url: `${secretariat}/circulars` },
    { name: 'circular', url: circular, picture: true },
    { name: 'call_open', url: open, picture: true },
    { name: 'call_published', url: closed, outline: true, picture: true },
    { name: 'answer', url: `${open}/answer`, outline: true, picture: true },
    { name: 'answers', url: answers, picture: true },
    { name: 'answers_next', url: await linkOn(answers, /\/submissions$/, undefined, /after=/) },
    { name: 'answers_chosen', url: `${answers}?region=africa` },
    { name: 'answers_none', url: `${open}/submissions` },
    { name: 'submission', url: submission, picture: true },
    { name: 'receipt', url: `${submission}/receipt`, picture: true },
    { name: 'log', url: `${secretariat}/log`, outline: true, picture: true },
  ]
}

/** The pages of the secretariat's staff, for whoever has the cookies of such a session, of which `drafted` was drafted. */
export async function kindsOfTheDesk({ secretariat }, cookie, drafted) {
  const desk = `${secretariat}/desk`
  const closed = `${desk}/calls/OTT-2017`
  const open = await linkOn(desk, /^\/desk\/calls\/(?!OTT|JUDGE|new)[^/]+$/, cookie)
  const withheld = await linkOn(`${closed}/answers?state=withheld`, /^\/desk\/submissions\/[^/]+$/, cookie)
  const pages = {
    desk,
    desk_people: `${desk}/people`,
    desk_addressees: `${desk}/addressees`,
    desk_circular_new: `${desk}/circulars/new`,
    desk_circular: await linkOn(desk, /^\/desk\/circulars\/(?!JUDGE|new)[^/]+$/, cookie),
    desk_circular_draft: drafted.circular,
    desk_circular_edit: `${drafted.circular}/edit`,
    desk_circular_files: `${drafted.circular}/files`,
    desk_circular_translations: `${drafted.circular}/translations`,
    desk_circular_translation: `${drafted.circular}/translations/fr`,
    desk_call_new: `${desk}/calls/new`,
    desk_call: closed,
    desk_call_open: open,
    desk_call_draft: drafted.call,
    desk_call_edit: `${drafted.call}/edit`,
    desk_call_files: `${drafted.call}/files`,
    desk_call_question: await linkOn(drafted.call, /\/questions\/(?!new)[^/]+$/, cookie),
    desk_call_translations: `${drafted.call}/translations`,
    desk_call_translation: `${drafted.call}/translations/fr`,
    desk_call_preview: `${open}/preview`,
    desk_paper: `${open}/paper`,
    desk_answers: `${closed}/answers?state=withheld`,
    desk_submission: withheld,
    desk_submission_translations: `${withheld}/translations`,
    desk_submission_translation: `${withheld}/translations/fr`,
    sessions: `${secretariat}/sessions`,
  }
  const shown = ['desk', 'desk_call', 'desk_call_new']
  return Object.entries(pages).map(([name, url]) => ({ name, url, cookie, picture: shown.includes(name) }))
}

/** Addresses that pages lead to and that show none, or none here: files, and ways on to another page. */
const NO_PAGE = [
  /\.(json|csv|atom|ics|txt|tar|svg)$/,
  /^\/(log\/(checkpoint|key|tile|receipts)|files|address|seen)\b/,
  /\/(files\/\{digest\}|answer\/back)$/,
  /^\/login\/back$/,
  // Shown to whom a circular was mailed, and when nobody signed in time.
  /^\/mail\/stop\/|\/answer\/signed$/,
]

/** The kinds of pages that the parties have by their own descriptions (`x-pages`), and of which none was shown. */
export async function kindsNotShown(parties, shown) {
  const described = await Promise.all(parties.map((origin) => fetchPage(`${origin}/openapi.json`, { Accept: 'application/json' })))
  const pages = new Set(described.flatMap(({ html }) => JSON.parse(html)['x-pages']).filter((path) => !NO_PAGE.some((file) => file.test(path))))
  const paths = new Set([...shown].filter((url) => url.startsWith('http')).map((url) => new URL(url).pathname))
  // An address without a name in it is itself before it is one with a name.
  const named = (page) => new RegExp(`^${page.replaceAll('.', '\\.').replaceAll(/\{\*[^}]*\}/g, '.+').replaceAll(/\{[^}]*\}/g, '[^/]+')}$`)
  const wasShown = (page) => (page.includes('{') ? [...paths].some((path) => named(page).test(path) && !pages.has(path)) : paths.has(page))
  return { count: pages.size, missing: [...pages].filter((page) => !wasShown(page)) }
}
