// How a judge reports: one line a case, a last line with the numbers, a file for `cargo xtask`.
//
// A case is a named async function that throws when the party under judgement is wrong.
// Names are stable (`judge::wallet_vs_issuer::reused_nonce`), because docs/standards.md cites them.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const JUDGES = join(dirname(fileURLToPath(import.meta.url)), '..')
const CASE_MILLISECONDS_MAX = 60_000

export class Judge {
  #role
  #cases = []
  #self

  constructor(role, { self }) {
    this.#role = role
    this.#self = self
  }

  /** Runs one case. `ours: true` marks a case that has no meaning among the libraries themselves. */
  async case(name, body, { ours = false } = {}) {
    if (ours && this.#self) return
    const full = `judge::${this.#role.replaceAll('-', '_')}::${name}`
    if (this.#cases.some((entry) => entry.name === full)) throw new Error(`two cases named ${full}`)
    let why
    let timer
    try {
      const deadline = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error('took too long')), CASE_MILLISECONDS_MAX)
      })
      await Promise.race([body(), deadline])
    } catch (error) {
      why = explain(error)
      if (process.env.JUDGE_VERBOSE) console.error(error)
    } finally {
      clearTimeout(timer)
    }
    this.#cases.push({ name: full, ok: why === undefined })
    console.log(why === undefined ? `ok ${full}` : `FAIL ${full}: ${why}`)
  }

  /** Prints the last line, writes `.out/ROLE.json`, and sets the exit code. */
  finish() {
    const failed = this.#cases.filter((entry) => !entry.ok).length
    const count = this.#cases.length
    if (!this.#self) {
      mkdirSync(join(JUDGES, '.out'), { recursive: true })
      writeFileSync(join(JUDGES, '.out', `${this.#role}.json`), `${JSON.stringify(this.#cases, null, 1)}\n`)
    }
    console.log(`judge ${this.#role}: ${count} cases, ${failed} failed`)
    const minimum = this.#self ? 1 : JSON.parse(readFileSync(join(JUDGES, 'minimums.json'), 'utf8'))[this.#role]
    if (!(count >= minimum)) {
      console.log(`judge ${this.#role}: at least ${minimum} cases are expected`)
      process.exitCode = 1
    }
    if (failed > 0) process.exitCode = 1
  }
}

function explain(error) {
  const parts = []
  for (let cause = error; cause && parts.length < 4; cause = cause.cause) {
    parts.push(String(cause.message ?? cause).replaceAll(/\s+/g, ' ').slice(0, 400))
  }
  return parts.join(' <- ')
}

/** The codes with which our wallet refuses, by name of the case (`codes.json`). */
export function agreedCodes(role) {
  return JSON.parse(readFileSync(join(JUDGES, 'codes.json'), 'utf8'))[role]
}

/** Runs `main` of a role script and turns anything unforeseen into a failure. */
export async function run(main) {
  try {
    await main()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  } finally {
    // Keep-alive connections and the library's own timers must not hold the process.
    setTimeout(() => process.exit(), 200).unref()
  }
}

export function equal(actual, expected, what) {
  const [a, e] = [canonical(actual), canonical(expected)]
  if (a !== e) throw new Error(`${what}: expected ${e}, got ${a}`)
}

export function truthy(value, what) {
  if (!value) throw new Error(what)
}

export function oneOf(actual, expected, what) {
  if (!expected.includes(actual)) throw new Error(`${what}: expected one of ${expected.join(', ')}, got ${actual}`)
}

/** Expects `body` to throw, and the message to match. */
export async function throws(body, pattern, what) {
  try {
    await body()
  } catch (error) {
    const text = explain(error)
    if (!pattern.test(text)) throw new Error(`${what}: expected ${pattern}, got ${text}`)
    return
  }
  throw new Error(`${what}: nothing was thrown`)
}

function canonical(value) {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
