// Keys and JSON Web Signatures.
//
// `signJws` goes through `jose`; `forgeJws` writes whatever it is told to, for the cases that must be refused.

import { createHash, createHmac, generateKeyPairSync, randomBytes, sign as rawSign } from 'node:crypto'
import { CompactEncrypt, CompactSign, compactVerify, importJWK } from 'jose'

const CURVES = { ES256: ['P-256', 'sha256'], ES384: ['P-384', 'sha384'] }

/** A fresh key: `publicJwk` holds only the members of a public key, `privateJwk` adds `d`. */
export function newKey(alg = 'ES256') {
  const [namedCurve] = CURVES[alg]
  const { privateKey } = generateKeyPairSync('ec', { namedCurve })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' })
  return { alg, keyObject: privateKey, publicJwk: { kty, crv, x, y }, privateJwk: { kty, crv, x, y, d } }
}

export function base64url(input) {
  return Buffer.from(typeof input === 'string' || input instanceof Uint8Array ? input : JSON.stringify(input)).toString('base64url')
}

export function sha256(input) {
  return createHash('sha256').update(input).digest()
}

export function random(length = 32) {
  return randomBytes(length).toString('base64url')
}

export function nowSeconds() {
  return Math.floor(Date.now() / 1000)
}

/** Encrypts with `jose` to a public key, as ECDH-ES. */
export async function encryptJwe(text, publicJwk, { alg = 'ECDH-ES', enc = 'A256GCM', kid = publicJwk.kid, apu, apv } = {}) {
  const bytes = (value) => Buffer.from(value, 'base64url')
  const agreement = { ...(apu ? { apu: bytes(apu) } : {}), ...(apv ? { apv: bytes(apv) } : {}) }
  const header = { alg, enc, ...(kid === undefined ? {} : { kid }) }
  const key = await importJWK(publicJwk, alg)
  return new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).setKeyManagementParameters(agreement).encrypt(key)
}

/** Signs with `jose`. */
export async function signJws(header, payload, key) {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
  return new CompactSign(bytes).setProtectedHeader({ ...header, alg: key.alg }).sign(await importJWK(key.privateJwk, key.alg))
}

/**
 * Writes a token without any check: `header` and `payload` are texts or values.
 * With `alg: 'none'` the signature is empty unless `signature` says otherwise.
 */
export function forgeJws(header, payload, key, { hmac, signature, emptySignature = false } = {}) {
  const input = `${base64url(header)}.${base64url(payload)}`
  if (emptySignature) return `${input}.`
  if (signature !== undefined) return `${input}.${signature}`
  if (hmac !== undefined) return `${input}.${createHmac('sha256', hmac).update(input).digest('base64url')}`
  const [, hash] = CURVES[key.alg]
  return `${input}.${rawSign(hash, Buffer.from(input), { key: key.keyObject, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export async function verifyJws(compact, publicJwk, alg) {
  try {
    const { payload } = await compactVerify(compact, await importJWK(publicJwk, alg), { algorithms: [alg] })
    return { verified: true, payload: Buffer.from(payload).toString('utf8') }
  } catch {
    return { verified: false }
  }
}

/** Header and payload of a compact token, unverified. */
export function decodeJws(compact) {
  const [header, payload] = compact.split('.')
  return { header: decodePart(header), payload: decodePart(payload) }
}

function decodePart(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
}

/** The same text with one bit of the last part's first byte changed. */
export function breakSignature(compact) {
  const at = compact.lastIndexOf('.') + 1
  const bytes = Buffer.from(compact.slice(at), 'base64url')
  bytes[0] ^= 1
  return compact.slice(0, at) + bytes.toString('base64url')
}
