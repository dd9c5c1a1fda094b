// The parties under judgement, each behind the same few functions whether it is ours or made of the libraries.
//
// `issuerParty`, `verifierParty` and `walletParty` are what the role scripts use; `startDemonstration` runs ours.

import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, freePorts } from './http.mjs'
import { startIssuer } from './issuer.mjs'
import { startVerifier } from './verifier.mjs'
import { NpmWallet } from './wallet.mjs'

const START_SECONDS_MAX = 120
const STOP_SECONDS_MAX = 20
const COMMAND_SECONDS_MAX = 50
const PASSPHRASE = 'correct horse battery staple'

/** The person whom judges register, and the claims that must come back from her identity credential. */
export const PERSON = {
  family_name: 'Diallo',
  given_name: 'Aminata',
  birthdate: '1990-04-02',
  nationalities: ['UT'],
  place_of_birth: { locality: 'Kindi' },
}

/** What `run.mjs` tells the role scripts, or `{ self: true }`. */
export function target() {
  const text = process.env.SAHIHI_JUDGE_TARGET
  if (process.argv.includes('--self')) return { self: true }
  if (!text) throw new Error('run `node judges/run.mjs --sahihi BINARY`, or this script with --self')
  return { self: false, ...JSON.parse(text) }
}

// Ours

/** Starts `sahihi demo` and resolves to `{ target, stop }` once the state answers. */
export async function startDemonstration(sahihi) {
  const directory = mkdtempSync(join(tmpdir(), 'sahihi-judges-'))
  const port = await freePorts(4)
  const log = join(directory, 'demo.log')
  const child = spawn(sahihi, ['demo', '--data', join(directory, 'demo'), '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const sink = createWriteStream(log)
  child.stdout.pipe(sink, { end: false })
  child.stderr.pipe(sink, { end: false })
  const exited = new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', resolve) // it could not be started at all
  })
  let gone = false
  child.once('error', (error) => {
    gone = true
    console.error(error.message)
  })
  void exited.then(() => {
    gone = true
  })
  const state = `http://localhost:${port}`
  const deadline = Date.now() + START_SECONDS_MAX * 1000
  const stop = async () => {
    child.kill('SIGTERM')
    const force = setTimeout(() => {
      console.error('the demonstration did not stop on SIGTERM')
      process.exitCode = 1
      child.kill('SIGKILL')
    }, STOP_SECONDS_MAX * 1000)
    await exited
    clearTimeout(force)
    if (process.env.JUDGE_KEEP) console.error(`kept ${directory}`)
    else rmSync(directory, { recursive: true, force: true })
  }
  const tokens = ['state', 'service'].map((name) => join(directory, 'demo', name, 'staff-token'))
  for (;;) {
    if (gone || Date.now() > deadline) {
      console.error(readFileSync(log, 'utf8').split('\n').slice(-20).join('\n'))
      const reason = gone ? 'the demonstration ended by itself' : 'the demonstration did not start in time'
      await stop()
      throw new Error(reason)
    }
    const ready = await Promise.all([0, 2, 3].map((offset) => call(`http://localhost:${port + offset}/readyz`).catch(() => undefined)))
    if (ready.every((answer) => answer?.status === 200) && tokens.every((path) => existsSync(path))) break
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return {
    target: { sahihi, state, service: `http://localhost:${port + 2}`, secretariat: `http://localhost:${port + 3}`, data: join(directory, 'demo') },
    stop,
  }
}

async function staff(method, url, token, body) {
  const options = { method, headers: { Authorization: `Bearer ${token}` } }
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json'
    options.body = JSON.stringify(body)
  }
  const answer = await call(url, options)
  if (answer.status >= 500 || answer.status === 401) throw new Error(`${method} ${url} answered ${answer.status} ${answer.text.slice(0, 300)}`)
  return answer
}

function expectStatus(answer, status, what) {
  if (answer.status !== status) throw new Error(`${what} answered ${answer.status} ${answer.text.slice(0, 300)}`)
  return answer.json
}

function read(directory, ...path) {
  return readFileSync(join(directory, ...path), 'utf8').trim()
}

/** The issuer under judgement: `{ identifier, anchors, register, offer, issued, act, close }`. */
export async function issuerParty(aim) {
  if (aim.self) return selfIssuer()
  const token = read(aim.data, 'state', 'staff-token')
  const base = `${aim.state}/staff/v1`
  return {
    identifier: aim.state,
    anchors: [read(aim.data, 'state', 'anchor.pem')],
    async register() {
      const answer = await staff('POST', `${base}/people`, token, { attributes: PERSON })
      return expectStatus(answer, 201, 'registering').id
    },
    async offer({ person, type = 'pid', txCode = true, claims }) {
      const answer = await staff('POST', `${base}/offers`, token, { person, type, tx_code: txCode, ...(claims ? { claims } : {}) })
      return expectStatus(answer, 201, 'offering')
    },
    /** All credentials of a person: a list of `{ id, … }`. */
    async issued(person) {
      const json = expectStatus(await staff('GET', `${base}/credentials?person=${encodeURIComponent(person)}`, token), 200, 'listing')
      return Array.isArray(json) ? json : json.credentials
    },
    /** `action` is `suspend`, `reinstate` or `revoke`; the HTTP status comes back. */
    async act(id, action) {
      return (await staff('POST', `${base}/credentials/${id}/${action}`, token, { reason: 'judged' })).status
    },
    async close() {},
  }
}

async function selfIssuer() {
  const issuer = await startIssuer()
  let people = 0
  const states = new Map()
  return {
    ...issuer,
    issuer,
    register: async () => `per_${(people += 1)}`,
    offer: ({ person, type, txCode }) => issuer.offer({ person, type, txCode }),
    issued: async (person) => issuer.issued.filter((entry) => entry.person === person),
    act: async (id, action) => {
      if (states.get(id) === 'revoke') return 409
      states.set(id, action)
      issuer.setStatus(id, { suspend: 2, reinstate: 0, revoke: 1 }[action])
      return 200
    },
    faults: undefined,
  }
}

const PURPOSE = {
  en: 'To open an account',
  fr: 'Pour ouvrir un compte',
  es: 'Para abrir una cuenta',
  ar: 'لفتح حساب',
  zh: '开立账户',
  ru: 'Чтобы открыть счёт',
}

/** The verifier under judgement: `{ anchors, ask, outcome, redeem, close }`. */
export async function verifierParty(aim, issuerAnchors) {
  if (aim.self) return startVerifier({ issuerAnchors })
  const token = read(aim.data, 'service', 'staff-token')
  const base = `${aim.service}/ask/v1`
  const sessions = new Map() // request -> handle of the session that asked, on the same device
  return {
    anchors: [read(aim.data, 'service', 'anchor.pem')],
    async ask({ dcql_query, prefix = 'x509_hash', device = 'cross', transaction_data, response_mode = 'direct_post' }) {
      const answer = await staff('POST', `${base}/requests`, token, {
        purpose: PURPOSE,
        dcql_query,
        device,
        client_id_prefix: prefix,
        response_mode,
        ...(transaction_data ? { transaction_data } : {}),
        ...(device === 'same' ? { return_to: `${aim.service}/` } : {}),
      })
      const asked = expectStatus(answer, 201, 'asking')
      sessions.set(asked.id, asked.session)
      return asked
    },
    async outcome(id) {
      return flat(expectStatus(await staff('GET', `${base}/requests/${id}`, token), 200, 'reading a request'))
    },
    async redeem(code, id, session = sessions.get(id)) {
      const answer = await staff('POST', `${base}/response-codes`, token, { response_code: code, session: session ?? 'a session of nobody' })
      return { status: answer.status, json: answer.status === 200 ? flat(answer.json) : answer.json }
    },
    async close() {},
  }
}

/** One presentation a query: its claims, in place of the list of credentials, which goes to `lists`. */
function flat(view) {
  const entries = Object.entries(view.result?.credentials ?? {})
  if (view.result) view.result.lists = Object.fromEntries(entries.map(([id, list]) => [id, list.map((entry) => entry.claims)]))
  if (view.result) view.result.credentials = Object.fromEntries(entries.map(([id, list]) => [id, list[0].claims]))
  return view
}

/**
 * The wallet under judgement: `{ accept(link, txCode), answer(link, typed), held(), close }`.
 * `accept` and `answer` resolve to `{ ok, error, detail, … }`; `held` to the number of credentials.
 */
export async function walletParty(aim, { issuerAnchors = [], askerAnchors = [] }) {
  if (aim.self) return selfWallet({ issuerAnchors, askerAnchors })
  const directory = mkdtempSync(join(tmpdir(), 'sahihi-wallet-'))
  const run = (...words) => command(aim.sahihi, directory, words)
  const typing = (typed, ...words) => command(aim.sahihi, directory, words, typed)
  const anchors = (kind, pems) =>
    pems.flatMap((pem, index) => {
      const path = join(directory, `${kind}-${index}.pem`)
      writeFileSync(path, pem)
      return [`--trust-${kind}`, path]
    })
  mkdirSync(join(directory, 'home'))
  const made = await run('init', ...anchors('issuers', issuerAnchors), ...anchors('askers', askerAnchors))
  if (!made.ok) throw new Error(`wallet init: ${JSON.stringify(made)}`)
  return {
    accept: (link, txCode) => run('accept', link, ...(txCode ? ['--tx-code', txCode] : []), '--yes'),
    /** Consents beforehand, or types what a person would. */
    answer: (link, typed) => (typed === undefined ? run('answer', link, '--yes') : typing(`${typed}\n`, 'answer', link)),
    async held() {
      const listed = await run('list')
      if (!listed.ok) throw new Error(`wallet list: ${JSON.stringify(listed)}`)
      return (listed.credentials ?? listed.list).length
    },
    async close() {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function command(sahihi, directory, words, typed = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(sahihi, ['wallet', '--home', join(directory, 'home'), '--json', '--insecure-loopback', ...words], {
      env: { ...process.env, SAHIHI_WALLET_PASSPHRASE: PASSPHRASE },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: COMMAND_SECONDS_MAX * 1000,
    })
    child.stdin.on('error', () => {}) // it ended without reading
    child.stdin.end(typed)
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      if (process.env.JUDGE_VERBOSE) console.error(words[0], code, out, err)
      try {
        const json = JSON.parse(out.trim().split('\n').at(-1))
        if (typeof json.ok !== 'boolean' || json.ok !== (code === 0)) throw new Error(`ok is ${json.ok} and the exit code ${code}`)
        resolve(json)
      } catch (error) {
        reject(new Error(`wallet ${words[0]}: exit code ${code}, ${error.message}; it wrote ${(out + err).slice(0, 400)}`))
      }
    })
  })
}

function selfWallet({ issuerAnchors, askerAnchors }) {
  const wallet = new NpmWallet({ issuerAnchors, askerAnchors })
  const attempt = async (body) => {
    try {
      return { ok: true, ...(await body()) }
    } catch (error) {
      if (process.env.JUDGE_VERBOSE) console.error(error.message, '<-', error.cause?.message)
      return { ok: false, error: 'refused', detail: error.message }
    }
  }
  return {
    accept: (link, txCode) => attempt(() => wallet.accept(link, { txCode })),
    answer: (link) =>
      attempt(async () => {
        const { status, json } = await wallet.answer(link)
        if (status !== 200) throw new Error(`the verifier answered ${status}`)
        return { redirect_uri: json?.redirect_uri }
      }),
    held: async () => wallet.credentials.length,
    close: async () => {},
  }
}

