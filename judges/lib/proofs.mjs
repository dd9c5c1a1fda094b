// Key proofs that an issuer must refuse with `invalid_proof` (OpenID4VCI 1.0, section 8.3.1 and appendix F.4).
//
// Each is `[name, make, options]`; `make(state, { header, payload })` gets the parts of a good proof and spoils one.

import { base64url, breakSignature, forgeJws, newKey } from './keys.mjs'

const DAY_MS = 86_400_000

export function badProofs(wallet) {
  return [
    ['proof_missing', () => undefined],
    ['proof_empty', () => []],
    ['proof_wrong_aud', async ({ session, key, nonce }) => {
      // The library itself, told that the issuer is another.
      const issuerMetadata = structuredClone(session.issuerMetadata)
      issuerMetadata.credentialIssuer.credential_issuer = 'https://other.example'
      return wallet.proof({ ...session, issuerMetadata }, { key, nonce })
    }],
    ['proof_missing_aud', (state, { header, payload }) => forgeJws(header, { ...payload, aud: undefined }, state.key)],
    ['proof_missing_nonce', (state, { header, payload }) => forgeJws(header, { ...payload, nonce: undefined }, state.key)],
    ['proof_missing_iat', (state, { header, payload }) => forgeJws(header, { ...payload, iat: undefined }, state.key)],
    ['proof_iat_past', ({ session, key, nonce }) => wallet.proof(session, { key, nonce, issuedAt: new Date(Date.now() - DAY_MS) })],
    ['proof_iat_future', ({ session, key, nonce }) => wallet.proof(session, { key, nonce, issuedAt: new Date(Date.now() + DAY_MS) })],
    ['proof_alg_none', (state, { header, payload }) => forgeJws({ ...header, alg: 'none' }, payload, state.key, { emptySignature: true })],
    ['proof_alg_none_with_signature', (state, { header, payload }) => forgeJws({ ...header, alg: 'none' }, payload, state.key)],
    ['proof_hs256', (state, { header, payload }) =>
      forgeJws({ ...header, alg: 'HS256' }, payload, state.key, { hmac: Buffer.from(JSON.stringify(state.key.publicJwk)) })],
    ['proof_hs256_symmetric_jwk', (state, { header, payload }) =>
      forgeJws({ ...header, alg: 'HS256', jwk: { kty: 'oct', k: base64url('a secret of some length, shared') } }, payload, state.key, { hmac: 'a secret of some length, shared' })],
    ['proof_es384', (state, { header, payload }) => {
      const other = newKey('ES384')
      return forgeJws({ ...header, alg: 'ES384', jwk: other.publicJwk }, payload, other)
    }],
    ['proof_private_key_in_jwk', (state, { header, payload }) => forgeJws({ ...header, jwk: state.key.privateJwk }, payload, state.key)],
    ['proof_foreign_kid', (state, { header, payload }) => forgeJws({ ...header, jwk: undefined, kid: 'did:example:somebody#1' }, payload, state.key)],
    ['proof_jwk_and_kid', (state, { header, payload }) => forgeJws({ ...header, kid: 'key-1' }, payload, state.key)],
    ['proof_no_key', (state, { header, payload }) => forgeJws({ ...header, jwk: undefined }, payload, state.key)],
    ['proof_wrong_typ', (state, { header, payload }) => forgeJws({ ...header, typ: 'JWT' }, payload, state.key)],
    ['proof_missing_typ', (state, { header, payload }) => forgeJws({ ...header, typ: undefined }, payload, state.key)],
    ['proof_unknown_crit', (state, { header, payload }) => forgeJws({ ...header, crit: ['exp'], exp: 1 }, payload, state.key), { ours: true }],
    ['proof_signed_by_another', (state, { header, payload }) => forgeJws(header, payload, newKey())],
    ['proof_broken_signature', (state, { header, payload }) => breakSignature(forgeJws(header, payload, state.key))],
    ['proof_off_curve', (state, { header, payload }) =>
      forgeJws({ ...header, jwk: { ...state.key.publicJwk, y: base64url(Buffer.alloc(32, 7)) } }, payload, state.key)],
    ['proof_duplicate_member', (state, { header, payload }) =>
      forgeJws(header, JSON.stringify(payload).replace('{', `{"aud":"https://other.example",`), state.key), { ours: true }],
    ['proof_not_a_token', () => 'not.a.token'],
  ]
}
