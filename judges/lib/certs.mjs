// Certificates, made and judged with `@peculiar/x509`.

import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { newKey } from './keys.mjs'

x509.cryptoProvider.set(webcrypto)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 86_400_000

async function pair(key) {
  const { subtle } = webcrypto
  return {
    privateKey: await subtle.importKey('jwk', key.privateJwk, ALGORITHM, true, ['sign']),
    publicKey: await subtle.importKey('jwk', key.publicJwk, ALGORITHM, true, ['verify']),
  }
}

function serial() {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(15)))
  return `01${bytes.toString('hex')}`
}

/** A root: `{ key, certificate, pem, base64 }`. */
export async function makeRoot(name, { days = 3650 } = {}) {
  const key = newKey()
  const keys = await pair(key)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `C=XX, O=${name}, CN=${name} root`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + days * DAY),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { name, key, certificate, pem: certificate.toString('pem'), base64: toBase64(certificate) }
}

/**
 * A leaf under `root` (or, with `selfSigned`, under itself): `{ key, certificate, x5c }`.
 * `from` and `to` are days relative to today.
 */
export async function makeLeaf(root, name, { dnsNames = ['localhost'], from = -1, to = 90, selfSigned = false, ca = false, keyUsage, extendedKeyUsage, withRoot = false } = {}) {
  const key = newKey()
  const keys = await pair(key)
  const signer = selfSigned ? keys : await pair(root.key)
  const subject = `C=XX, O=${name}, CN=${name}`
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject,
    issuer: selfSigned ? subject : root.certificate.subject,
    notBefore: new Date(Date.now() + from * DAY),
    notAfter: new Date(Date.now() + to * DAY),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(ca, ca ? 0 : undefined, true),
      new x509.KeyUsagesExtension(keyUsage ?? (ca ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature), true),
      ...(extendedKeyUsage ? [new x509.ExtendedKeyUsageExtension(extendedKeyUsage, false)] : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
      ...(dnsNames.length > 0 ? [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value })))] : []),
    ],
  })
  return { key, certificate, x5c: [toBase64(certificate), ...(withRoot ? [root.base64] : [])] }
}

/** Extended key usages: TLS servers; mdoc's document signers and readers (ISO/IEC 18013-5, annex B). */
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
export const DOCUMENT_SIGNER = '1.0.18013.5.1.2'
export const READER = '1.0.18013.5.1.6'

/** A leaf under an authority of its own under `root`; the authority's certificate travels in `x5c`. */
export async function makeLeafThroughAuthority(root, name, { authorityIsCa = true, order = 'right' } = {}) {
  const authority = await makeLeaf(root, `${name} authority`, { ca: authorityIsCa, dnsNames: [] })
  const leaf = await makeLeaf(authority, name)
  const x5c = [...leaf.x5c, ...authority.x5c]
  return { ...leaf, x5c: order === 'right' ? x5c : x5c.reverse() }
}

function toBase64(certificate) {
  return Buffer.from(certificate.rawData).toString('base64')
}

/** DNS names of a certificate given as in `x5c`. */
export function dnsNames(base64) {
  const extension = new x509.X509Certificate(base64).getExtension(x509.SubjectAlternativeNameExtension)
  return (extension?.names.items ?? []).filter((name) => name.type === 'dns').map((name) => name.value)
}

/** The public key of a certificate given as in `x5c`. */
export async function publicJwkOf(base64) {
  const key = await new x509.X509Certificate(base64).publicKey.export(ALGORITHM, ['verify'], webcrypto)
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', key)
  return { kty, crv, x, y }
}

/**
 * Verifies `x5c` up to one of `anchors` (PEM texts) and returns the leaf's public key.
 * Besides the path it checks what HAIP 1.0 section 6.1.1 asks: the leaf is not self-signed, the anchor is not included.
 */
export async function verifyChain(x5c, anchors) {
  if (!Array.isArray(x5c) || x5c.length === 0) throw new Error('x5c is missing')
  const roots = anchors.flatMap((pem) => x509.PemConverter.decode(pem).map((der) => new x509.X509Certificate(der)))
  const chain = x5c.map((entry) => new x509.X509Certificate(entry))
  const [leaf] = chain
  if (await leaf.isSelfSigned()) throw new Error('the leaf is self-signed')
  const date = new Date()
  for (const [index, certificate] of chain.entries()) {
    if (roots.some((root) => root.equal(certificate))) throw new Error('the anchor is included in x5c')
    const constraints = certificate.getExtension(x509.BasicConstraintsExtension)
    if (index === 0 && constraints?.ca) throw new Error('the leaf is a certification authority')
    if (index > 0 && !constraints?.ca) throw new Error('an intermediate is not a certification authority')
    const candidates = index + 1 < chain.length ? [chain[index + 1]] : roots
    const parents = candidates.filter((candidate) => candidate.subject === certificate.issuer)
    if (parents.length === 0) throw new Error(`no issuer known for ${certificate.subject}`)
    const verdicts = await Promise.all(parents.map((parent) => certificate.verify({ publicKey: parent.publicKey, date }, webcrypto)))
    if (!verdicts.includes(true)) throw new Error(`certificate of ${certificate.subject} is expired or not signed by its issuer`)
  }
  const usage = leaf.getExtension(x509.KeyUsagesExtension)
  if (usage && !(usage.usages & x509.KeyUsageFlags.digitalSignature)) throw new Error('the leaf may not sign')
  const extended = leaf.getExtension(x509.ExtendedKeyUsageExtension)
  if (extended && extended.usages.every((usageId) => usageId === SERVER_AUTH)) throw new Error('the leaf is for TLS only')
  return publicJwkOf(x5c[0])
}

/** The key identifier of the authority that signed a certificate, as `trusted_authorities` names it (OpenID4VP 6.1.1.1). */
export function authorityKeyId(base64) {
  const { keyId } = new x509.X509Certificate(base64).getExtension(x509.AuthorityKeyIdentifierExtension)
  return Buffer.from(keyId, 'hex').toString('base64url')
}
