// What an issuer may send our wallet beyond one flat credential: batches, nested and hidden claims, other hashes,
// type metadata with integrity, notifications (OpenID4VCI 1.0, sections 3.3, 8 and 11; RFC 9901; SD-JWT VC draft 13).

import { createHash } from 'node:crypto'
import { equal, truthy } from './cases.mjs'
import { decodeJws } from './keys.mjs'

const COPIES = 3
const OURS = { settings: { ours: true } }
const NESTED = {
  claims: {
    family_name: 'Diallo',
    birthdate: '1990-04-02',
    place_of_birth: { locality: 'Kindi', country: 'UT' },
    nationalities: ['UT', 'XX'],
  },
  frame: { _sd: ['family_name', 'birthdate', 'place_of_birth', 'nationalities'], place_of_birth: { _sd: ['locality', 'country'] }, nationalities: { _sd: [0, 1] } },
}
export { NESTED }

export async function judgeCards({ aim, judge, issuer, wallet, accept, accepted, refused }) {
  if (aim.self) return

  // Batches

  const batch = {
    batch: COPIES,
    issuerMetadata: (metadata) => ({ ...metadata, batch_credential_issuance: { batch_size: COPIES } }),
  }
  await judge.case('batch_with_distinct_keys', async () => {
    issuer.faults = batch
    const answer = await accept()
    issuer.faults = {}
    truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
    const keys = issuer.seen.proofs.map((proof) => decodeJws(proof).header.jwk.x)
    equal([keys.length, new Set(keys).size], [COPIES, COPIES], 'proofs, and keys')
    equal(new Set(issuer.seen.proofs.map((proof) => decodeJws(proof).payload.nonce)).size, 1, 'nonces')
    await wallet.gained(1)
  })
  await accepted('batch_answered_in_part', {}, { ...batch, credentialResponse: (response) => ({ ...response, credentials: response.credentials.slice(0, 1) }) })
  await refused('batch_with_one_key_twice', { ...batch, credentialResponse: ({ credentials: [one, two], ...rest }) => ({ ...rest, credentials: [one, two, one] }) }, OURS)
  await refused('batch_of_more_than_asked', { credentialResponse: ({ credentials: [one], ...rest }) => ({ ...rest, credentials: [one, one] }) }, OURS)
  await refused('batch_with_differing_claims', {
    ...batch,
    claims: (claims) => ({ ...claims, family_name: `Diallo ${claims.status.status_list.idx}` }),
  }, OURS)

  // Claims

  await accepted('nested_claims_and_elements', { claims: NESTED.claims }, { frame: NESTED.frame })
  await accepted('decoy_digests', {}, { frame: { _sd: ['family_name', 'given_name', 'birthdate'], _sd_decoy: 5 } })
  await accepted('claims_all_in_the_open', {}, { frame: {} })
  for (const hashAlg of ['sha-384', 'sha-512']) await accepted(`digests_by_${hashAlg.replace('-', '')}`, {}, { hashAlg })

  // Type metadata

  const typed = ({ document = (same) => same, integrity = (same) => same, published = (same) => same } = {}) => {
    const vct = `${issuer.origin}/types/judged/1`
    const text = JSON.stringify(document({
      vct,
      name: 'Judged',
      display: [{ locale: 'en', lang: 'en', name: 'Judged' }, { locale: 'fr', lang: 'fr', name: 'Jugé' }],
      claims: [{ path: ['family_name'], sd: 'always', display: [{ locale: 'en', lang: 'en', label: 'Family name' }] }],
    }))
    const digest = `sha256-${createHash('sha256').update(text).digest('base64')}`
    return {
      typeDocument: published(text),
      issuerMetadata: (metadata) => {
        metadata.credential_configurations_supported.pid.vct = vct
        return metadata
      },
      claims: (claims) => ({ ...claims, vct, ...(integrity(digest) ? { 'vct#integrity': integrity(digest) } : {}) }),
    }
  }
  await accepted('type_metadata', {}, typed())
  await accepted('type_metadata_without_integrity', {}, typed({ integrity: () => undefined }))
  await refused('type_metadata_changed', typed({ published: (text) => text.replace('Judged', 'Forged') }), OURS)
  await refused('type_metadata_of_another_type', typed({ document: (same) => ({ ...same, vct: 'urn:example:other:1' }) }), OURS)
  await refused('type_metadata_not_json', typed({ published: () => 'a type', integrity: () => undefined }), OURS)
  await refused('type_metadata_integrity_unknown', typed({ integrity: () => 'md5-AAAA' }), OURS)
  await refused('type_metadata_says_never_disclosable', typed({ document: (same) => ({ ...same, claims: [{ path: ['family_name'], sd: 'never' }] }) }), OURS)

  // The rest of the response

  await accepted('notification_offered', {}, {
    issuerMetadata: (metadata) => ({ ...metadata, notification_endpoint: `${issuer.origin}/notification` }),
    credentialResponse: (response) => ({ ...response, notification_id: 'n' }),
  })
  await refused('deferred_answer', { credentialResponse: () => ({ transaction_id: 't', interval: 5 }) }, OURS)
  await accepted('accept_after_these', {})
}
