// Which kinds of pages there are, one of each, in the demonstration that runs.

import { fetchPage } from './browser.mjs'

/** The same page in a language: `/calls/x` becomes `/fr/calls/x`. */
export function inLanguage(url, lang) {
  const address = new URL(url)
  address.pathname = `/${lang}${address.pathname === '/' ? '/' : address.pathname}`
  return address.href
}

/** The first link on a page whose path, without its language, matches. */
export async function linkOn(url, pattern, cookie) {
  const { html, status } = await fetchPage(url, cookie ? { Cookie: cookie } : {})
  for (const [, href] of html.matchAll(/<a[^>]*\shref="([^"]+)"/g)) {
    const found = new URL(href.replaceAll('&amp;', '&'), url)
    const path = found.pathname.replace(/^\/(en|fr|es|ru|ar|zh)(?=\/|$)/, '') || '/'
    if (found.origin === new URL(url).origin && pattern.test(path)) return `${found.origin}${path}${found.search}`
  }
  throw new Error(`${url} (${status}) has no link to ${pattern}`)
}

/** One page of each kind: `{ name, url, status?, cookie?, outline?, picture? }`. */
export async function kindsOfPages({ state, service, secretariat }) {
  return [
    { name: 'state_front', url: `${state}/`, outline: true, picture: true },
    { name: 'state_design', url: `${state}/design` },
    { name: 'state_log', url: `${state}/log` },
    { name: 'state_preferences', url: `${state}/preferences` },
    { name: 'state_missing', url: `${state}/nothing-here`, status: 404, outline: true },
    { name: 'service_front', url: `${service}/`, outline: true },
  ]
}
