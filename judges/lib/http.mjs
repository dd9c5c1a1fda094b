// A small HTTP server on the loopback, free ports, and bodies.

import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'

const BODY_BYTES_MAX = 1 << 20

/**
 * Serves `routes`, a list of `[method, pattern, handler]`; a handler gets
 * `{ request, url, match, text }` and returns `{ status, headers, body }` (an object body is sent as JSON).
 * Resolves to `{ origin, port, close }`, always named `localhost`.
 */
export async function serve(routes) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`)
    let answer
    try {
      const text = await readBody(request)
      const found = routes.find(([method, pattern]) => method === request.method && pattern.test(url.pathname))
      answer = found
        ? await found[2]({ request, url, match: found[1].exec(url.pathname), text })
        : { status: 404, body: { error: 'not_found' } }
    } catch (error) {
      if (process.env.JUDGE_VERBOSE) console.error(error)
      answer = { status: 500, body: { error: 'server_error', error_description: String(error.message) } }
    }
    const json = typeof answer.body === 'object' && answer.body !== null
    response.writeHead(answer.status ?? 200, {
      'Access-Control-Allow-Origin': '*',
      ...(json ? { 'Content-Type': 'application/json' } : {}),
      ...answer.headers,
    })
    response.end(json ? JSON.stringify(answer.body) : answer.body)
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, 'localhost', resolve)
  })
  const { port } = server.address()
  return {
    port,
    origin: `http://localhost:${port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readBody(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > BODY_BYTES_MAX) throw new Error('body too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The first of `count` consecutive free ports. */
export async function freePorts(count) {
  for (let base = 20_000 + (process.pid % 2_000) * 10; base < 60_000; base += 10) {
    const ports = Array.from({ length: count }, (_, offset) => base + offset)
    const free = await Promise.all(ports.flatMap((port) => ['127.0.0.1', '::1'].map((address) => isFree(port, address))))
    if (free.every(Boolean)) return base
  }
  throw new Error('no free ports')
}

function isFree(port, address) {
  return new Promise((resolve) => {
    const probe = createTcpServer()
    // A machine without IPv6 has no such address, and nobody else on it either.
    probe.once('error', (error) => resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'))
    probe.listen(port, address, () => probe.close(() => resolve(true)))
  })
}

/** Fetches and returns `{ status, headers, text, json }`; `json` is undefined when the body is none. */
export async function call(url, options = {}) {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000), redirect: 'manual', ...options })
  const text = await response.text()
  let json
  try {
    json = JSON.parse(text)
  } catch {
    // Not every answer is JSON; those who need it say so.
  }
  return { status: response.status, headers: response.headers, text, json }
}

export function postForm(url, fields, headers = {}) {
  return call(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  })
}

export function postJson(url, body, headers = {}) {
  return call(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}
