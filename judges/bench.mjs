// `@sd-jwt/core` issues or verifies over and over, for `sahihi-bench` (crates/bench/src/micro/npm.rs).
//
// The first line of the standard input is the task; each further line says how often it is to be done, and is answered
// by a line of JSON: `{"operations_per_cpu_second": …}`, with the CPU of the whole process.

import { createInterface } from 'node:readline'
import { SDJwtInstance } from '@sd-jwt/core'
import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'

const BASE = { hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt, signAlg: 'ES256', kbSignAlg: 'ES256' }

/** Answers a function that issues one credential. */
async function issuing({ claims, disclosable, key, header }) {
  const instance = new SDJwtInstance({ ...BASE, signer: await ES256.getSigner(key) })
  return () => instance.issue(claims, { _sd: disclosable }, { header })
}

/** Answers a function that verifies the presentation of that number: signatures, disclosures and key binding. */
async function verifying({ presentations, key, nonce, now }) {
  const instance = new SDJwtInstance({
    ...BASE,
    verifier: await ES256.getVerifier(key),
    kbVerifier: async (text, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(text, signature),
  })
  return async (n) => {
    const { payload } = await instance.verify(presentations[n % presentations.length], { keyBindingNonce: nonce, currentDate: now })
    if (payload.family_name === undefined) throw new Error('a claim is missing')
  }
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const task = JSON.parse((await lines.next()).value)
const once = await { issue: issuing, verify: verifying }[task.do](task)
for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const times = Number(line)
  const before = process.cpuUsage()
  for (let n = 0; n < times; n++) await once(n)
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ operations_per_cpu_second: (times * 1e6) / (user + system) }))
}
