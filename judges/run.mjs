// The one entry: `node judges/run.mjs --sahihi BINARY [--only ROLE]`, or `--self` to try the judges on each other.
//
// Starts `sahihi demo` in a temporary directory, runs the roles side by side as processes of their own,
// stops the demonstration, and exits 0 only if every role did. A role's cases go to `.out/ROLE.json`.
// `--demo URL_OF_STATE,URL_OF_SERVICE,URL_OF_SECRETARIAT,DATA_DIRECTORY` uses a demonstration that runs already.
// JUDGE_VERBOSE=1 prints errors in full; JUDGE_KEEP=1 keeps the demonstration's files.

import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startDemonstration } from './lib/parties.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROLES = ['wallet-vs-issuer', 'wallet-vs-verifier', 'issuer-vs-wallet', 'verifier-vs-wallet', 'status-list', 'pages']
/** Those that need the demonstration; the others need the binary alone. */
const WITH_DEMONSTRATION = ['wallet-vs-issuer', 'wallet-vs-verifier', 'status-list', 'pages']
/** Those in which no library takes our place. */
const OURS_ALONE = ['pages']

const { values } = parseArgs({
  options: { sahihi: { type: 'string' }, only: { type: 'string', multiple: true }, demo: { type: 'string' }, self: { type: 'boolean' } },
})
const roles = values.only ?? ROLES.filter((role) => !values.self || !OURS_ALONE.includes(role))
for (const role of roles) if (!ROLES.includes(role)) fail(`no role ${role}; there are ${ROLES.join(', ')}`)
if (!values.self && !values.sahihi) fail('usage: node judges/run.mjs --sahihi BINARY [--only ROLE]… | --self [--only ROLE]…')

const started = Date.now()
mkdirSync(join(HERE, '.out'), { recursive: true })
for (const role of roles) rmSync(join(HERE, '.out', `${role}.json`), { force: true })

let target = values.sahihi ? { sahihi: resolve(values.sahihi) } : {}
let stop = async () => {}
if (values.demo) {
  const [state, service, secretariat, data] = values.demo.split(',')
  target = { ...target, state, service, secretariat, data }
} else if (!values.self && roles.some((role) => WITH_DEMONSTRATION.includes(role))) {
  ;({ target, stop } = await startDemonstration(target.sahihi))
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().then(() => process.exit(130)))

try {
  const codes = await Promise.all(roles.map(judge))
  if (codes.some((code) => code !== 0)) process.exitCode = 1
} finally {
  await stop()
}
console.log(`judges: ${process.exitCode ? 'FAILED' : 'ok'} in ${((Date.now() - started) / 1000).toFixed(1)} s`)

function judge(role) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(HERE, `${role}.mjs`), ...(values.self ? ['--self'] : [])], {
      env: { ...process.env, SAHIHI_JUDGE_TARGET: JSON.stringify(target) },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.once('error', (error) => {
      console.error(error.message)
      done(1)
    })
    child.once('close', (code) => {
      if (code !== 0) console.log(`judge ${role}: exit code ${code}`)
      done(code)
    })
  })
}

function fail(message) {
  console.error(message)
  process.exit(2)
}
