// SD-JWT VC through `@sd-jwt/*`, and status lists through `@sd-jwt/jwt-status-list`.

import { createHash } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import { digest, ES256 } from '@sd-jwt/crypto-nodejs'
import { getListFromStatusListJWT, StatusList, createHeaderAndPayload } from '@sd-jwt/jwt-status-list'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { verifyChain } from './certs.mjs'
import { base64url, decodeJws, forgeJws, nowSeconds, random, sha256, signJws } from './keys.mjs'

const BASE = { hasher: digest, hashAlg: 'sha-256', saltGenerator: () => random(16), signAlg: 'ES256', kbSignAlg: 'ES256' }

/** Issues `claims`; `disclosable` names those that are selectively disclosable, or is a frame of `@sd-jwt/core`. */
export async function issueCredential(claims, disclosable, { key, x5c }, { typ, hashAlg = BASE.hashAlg } = {}) {
  const instance = new SDJwtVcInstance({ ...BASE, hashAlg, signer: await ES256.getSigner(key.privateJwk) })
  return instance.issue(claims, Array.isArray(disclosable) ? { _sd: disclosable } : disclosable, { header: { x5c, ...(typ ? { typ } : {}) } })
}

/** Parts of an SD-JWT: the signed token, its disclosures, and the key-binding token if there is one. */
export function split(text) {
  const parts = text.split('~')
  return { jwt: parts[0], disclosures: parts.slice(1, -1), keyBinding: parts.at(-1) }
}

/**
 * Verifies signature, certificate chain, disclosures and time, and, unless `withStatus` is false, the status list.
 * With `binding` (`{ nonce, aud }`) the key-binding token too.
 */
export async function verifyCredential(text, anchors, { binding, withStatus = true } = {}) {
  const { header } = decodeJws(split(text).jwt)
  if (header.alg !== 'ES256') throw new Error(`alg is ${header.alg}`)
  if (header.typ !== 'dc+sd-jwt') throw new Error(`typ is ${header.typ}`)
  const leaf = await verifyChain(header.x5c, anchors)
  const instance = new (withStatus ? SDJwtVcInstance : SDJwtInstance)({
    ...BASE,
    verifier: await ES256.getVerifier(leaf),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
    // The list is verified on its own, with the certificate chain that it carries itself.
    statusVerifier: () => true,
    statusListFetcher: async (uri) => (await fetchStatusList(uri, anchors)).token,
  })
  checkDisclosures(text)
  const result = await instance.verify(text, binding ? { keyBindingNonce: binding.nonce } : {})
  if (binding) {
    if (result.kb.payload.aud !== binding.aud) throw new Error(`aud of the key binding is ${result.kb.payload.aud}`)
    if (Math.abs(nowSeconds() - result.kb.payload.iat) > 300) throw new Error('iat of the key binding is far off')
  }
  return result
}

/** Every disclosure is used, and once (RFC 9901, section 7.1), however deep its digest stands: 0.19 does not look. */
function checkDisclosures(text) {
  const { jwt, disclosures } = split(text)
  const algorithm = (decodeJws(jwt).payload._sd_alg ?? 'sha-256').replace('-', '')
  const byDigest = new Map(disclosures.map((entry) => [createHash(algorithm).update(entry).digest('base64url'), entry]))
  if (byDigest.size !== disclosures.length) throw new Error('disclosure repeated')
  const used = new Set()
  const walk = (value) => {
    if (typeof value !== 'object' || value === null) return
    const digests = [...(Array.isArray(value._sd) ? value._sd : []), ...(typeof value['...'] === 'string' ? [value['...']] : [])]
    for (const digest of digests) {
      if (!byDigest.has(digest)) continue
      if (used.has(digest)) throw new Error('digest repeated')
      used.add(digest)
      walk(JSON.parse(Buffer.from(byDigest.get(digest), 'base64url').toString()).at(-1))
    }
    for (const [name, inner] of Object.entries(value)) if (name !== '_sd') walk(inner)
  }
  walk(decodeJws(jwt).payload)
  if (used.size !== disclosures.length) throw new Error('disclosure unused')
}

/** Presents the named claims (a list of names, or a frame as `@sd-jwt/core` takes it), bound to `binding` by `holder`; `more` adds members to the key-binding token. */
export async function present(text, names, { nonce, aud, iat = nowSeconds(), more = {} }, holder) {
  const instance = new SDJwtVcInstance({ ...BASE, kbSigner: await ES256.getSigner(holder.privateJwk) })
  const frame = Array.isArray(names) ? Object.fromEntries(names.map((name) => [name, true])) : names
  return instance.present(text, frame, { kb: { payload: { iat, aud, nonce, ...more } } })
}

/** The presentation without its key-binding token. */
export function withoutBinding(presentation) {
  return presentation.slice(0, presentation.lastIndexOf('~') + 1)
}

/** Binds `presentation` (any text that ends in `~`) freely, for the cases that must be refused. */
export function bindFreely(presentation, { nonce, aud, iat = nowSeconds(), sdHash, header = {}, more = {} }, holder) {
  const payload = { iat, aud, nonce, sd_hash: sdHash ?? sha256(presentation).toString('base64url'), ...more }
  return presentation + forgeJws({ typ: 'kb+jwt', alg: 'ES256', ...header }, payload, holder)
}

/** A disclosure of `value` under `name`, encoded. */
export function disclosure(name, value) {
  return base64url([random(16), name, value])
}

/** The digest under which a disclosure appears in `_sd`. */
export function disclosureDigest(encoded) {
  return sha256(encoded).toString('base64url')
}

/** Fetches a status list as a credential's verifier would and judges all of it (Token Status List, section 8.3). */
export async function fetchStatusList(uri, anchors) {
  const response = await fetch(uri, { headers: { Accept: 'application/statuslist+jwt' }, signal: AbortSignal.timeout(20_000) })
  if (response.status !== 200) throw new Error(`status list answered ${response.status}`)
  if (response.headers.get('content-type') !== 'application/statuslist+jwt') {
    throw new Error(`content type of the status list is ${response.headers.get('content-type')}`)
  }
  const token = await response.text()
  const { header, payload } = decodeJws(token)
  if (header.typ !== 'statuslist+jwt') throw new Error(`typ of the status list is ${header.typ}`)
  if (header.alg !== 'ES256') throw new Error(`alg of the status list is ${header.alg}`)
  const leaf = await verifyChain(header.x5c, anchors)
  const [signed, signature] = [token.slice(0, token.lastIndexOf('.')), token.slice(token.lastIndexOf('.') + 1)]
  if (!(await (await ES256.getVerifier(leaf))(signed, signature))) throw new Error('signature of the status list is wrong')
  if (payload.sub !== uri) throw new Error(`sub of the status list is ${payload.sub}, fetched from ${uri}`)
  if (!Number.isInteger(payload.iat) || payload.iat > nowSeconds() + 60) throw new Error(`iat of the status list is ${payload.iat}`)
  if (payload.exp !== undefined && payload.exp <= nowSeconds()) throw new Error('the status list is expired')
  return { token, header, payload, response, list: getListFromStatusListJWT(token) }
}

/** Signs a list of statuses. */
export async function signStatusList(uri, statuses, { key, x5c }) {
  const list = new StatusList(statuses, 2)
  const { header, payload } = createHeaderAndPayload(list, { sub: uri, iat: nowSeconds(), exp: nowSeconds() + 3600, ttl: 60 }, { alg: 'ES256', typ: 'statuslist+jwt', x5c })
  return signJws(header, payload, key)
}
