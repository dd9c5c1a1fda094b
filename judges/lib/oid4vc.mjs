// What the OpenID libraries need from us: hashing, randomness, signatures, certificates.

import { createHash, randomBytes } from 'node:crypto'
import { clientAuthenticationAnonymous, setGlobalConfig } from '@openid4vc/oauth2'
import { setGlobalConfig as setGlobalConfigOfIssuance } from '@openid4vc/openid4vci'
import { dnsNames, publicJwkOf, verifyChain } from './certs.mjs'
import { encryptJwe, signJws, verifyJws } from './keys.mjs'

// Plain http is used on the loopback only; 0.4.6 refuses it otherwise.
setGlobalConfig({ allowInsecureUrls: true })
setGlobalConfigOfIssuance({ allowInsecureUrls: true })

/** Callbacks that sign with one of `keys` (found by public key) and trust certificates under `anchors`. */
export function callbacks({ keys = [], anchors = [] } = {}) {
  const keyFor = async (signer) => {
    const jwk = signer.method === 'x5c' ? await publicJwkOf(signer.x5c[0]) : signer.publicJwk
    const key = keys.find((candidate) => candidate.publicJwk.x === jwk?.x && candidate.publicJwk.y === jwk?.y)
    if (!key) throw new Error(`no key to sign as ${JSON.stringify(signer)}`)
    return key
  }
  return {
    fetch: (input, init) => fetch(input, { signal: AbortSignal.timeout(20_000), ...init }),
    hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    clientAuthentication: clientAuthenticationAnonymous(),
    signJwt: async (signer, { header, payload }) => {
      const key = await keyFor(signer)
      return { jwt: await signJws(header, payload, key), signerJwk: key.publicJwk }
    },
    verifyJwt: async (signer, { compact }) => {
      if (signer.alg !== 'ES256') return { verified: false }
      const publicJwk = signer.method === 'x5c' ? await verifyChain(signer.x5c, anchors) : signer.publicJwk
      if (!publicJwk || publicJwk.crv !== 'P-256') return { verified: false }
      const { verified } = await verifyJws(compact, publicJwk, signer.alg)
      return verified ? { verified, signerJwk: publicJwk } : { verified }
    },
    decryptJwe: async () => ({ decrypted: false }),
    encryptJwe: async ({ publicJwk, alg, enc, apu, apv }, data) => ({
      jwe: await encryptJwe(data, publicJwk, { alg, enc, apu, apv }),
      encryptionJwk: publicJwk,
    }),
    getX509CertificateMetadata: (certificate) => ({ sanDnsNames: dnsNames(certificate), sanUriNames: [] }),
  }
}
