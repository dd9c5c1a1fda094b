// The libraries as issuer and authorization server against our wallet, run as a child process.
//
// The issuer in `lib/issuer.mjs` is spoiled in one place at a time; the wallet must refuse and keep nothing.

import { makeLeaf, makeLeafThroughAuthority, makeRoot, READER, SERVER_AUTH } from './lib/certs.mjs'
import { judgeCards } from './lib/card-features.mjs'
import { agreedCodes, equal, Judge, run, truthy } from './lib/cases.mjs'
import { startIssuer } from './lib/issuer.mjs'
import { base64url, breakSignature, decodeJws, forgeJws, newKey, nowSeconds } from './lib/keys.mjs'
import { target, walletParty } from './lib/parties.mjs'
import { disclosure, disclosureDigest, split } from './lib/sdjwt.mjs'

const DAY = 86_400

await run(async () => {
  const aim = target()
  const judge = new Judge('issuer-vs-wallet', aim)
  const codes = agreedCodes('issuer-vs-wallet')
  const issuer = await startIssuer()
  const party = await walletParty(aim, { issuerAnchors: issuer.anchors })
  // How many credentials were listed last: listing opens the wallet's store, which is slow on purpose.
  let count = await party.held()
  const wallet = {
    accept: party.accept,
    close: party.close,
    /** Lists, and expects `more` credentials than before. */
    async gained(more) {
      const before = count
      count = await party.held()
      equal(count - before, more, 'credentials gained')
    },
  }

  const accept = async ({ byValue = false, ...options } = {}) => {
    const offer = await issuer.offer(options)
    return wallet.accept(byValue ? offer.link_by_value : offer.link, offer.tx_code)
  }
  const accepted = (name, options, faults = {}, settings) =>
    judge.case(name, async () => {
      issuer.faults = faults
      const answer = await accept(options)
      issuer.faults = {}
      truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
      await wallet.gained(1)
    }, settings)
  /** The wallet's own code for each case is agreed in `codes.json`. */
  const refused = (name, faults, { options, settings, after, offer } = {}) =>
    judge.case(name, async () => {
      issuer.faults = typeof faults === 'function' ? await faults() : faults
      const answer = offer ? await offer() : await accept(options)
      issuer.faults = {}
      truthy(!answer.ok, `accepted: ${JSON.stringify(answer)}`)
      if (!aim.self) equal(answer.error, codes[name], `code (${answer.detail})`)
      await wallet.gained(0)
      await after?.(answer)
    }, settings)

  // What must work

  await accepted('accept_by_reference_with_tx_code', {})
  await accepted('accept_by_value_without_tx_code', { byValue: true, txCode: false })

  await judge.case('accept_identifier_with_path', async () => {
    const withPath = await startIssuer({ path: '/tenant/one' })
    const other = await walletParty(aim, { issuerAnchors: withPath.anchors })
    const offer = await withPath.offer({})
    const answer = await other.accept(offer.link, offer.tx_code)
    truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
    equal(await other.held(), 1, 'credentials held')
    await other.close()
    await withPath.close()
  })

  await judge.case('nonce_only_from_the_endpoint', async () => {
    const before = issuer.seen.nonceRequests
    const answer = await accept()
    truthy(answer.ok, JSON.stringify(answer))
    equal(issuer.seen.nonceRequests, before + 1, 'nonces fetched')
    await wallet.gained(1)
  })

  await judge.case('invalid_nonce_retried_once', async () => {
    const before = { ...issuer.seen }
    issuer.faults = { refuseNonces: 1 }
    const answer = await accept()
    issuer.faults = {}
    truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
    equal(issuer.seen.nonceRequests - before.nonceRequests, 2, 'a fresh nonce for the second try')
    await wallet.gained(1)
  })

  await accepted('unknown_members_ignored', {}, {
    issuerMetadata: (metadata) => ({ ...metadata, x_unknown: { a: [1, 2] } }),
    serverMetadata: (metadata) => ({ ...metadata, x_unknown: true }),
    offer: (offer) => ({ ...offer, x_unknown: 1 }),
    tokenResponse: (token) => ({ ...token, x_unknown: 'y' }),
    credentialResponse: (response) => ({ ...response, x_unknown: null }),
  })
  await accepted('credential_without_iss', {}, { claims: ({ iss: _, ...claims }) => claims })
  await judge.case('issuer_certificate_through_authority', async () => {
    issuer.faults = { signer: await makeLeafThroughAuthority(issuer.root, 'Judge issuer') }
    const answer = await accept()
    issuer.faults = {}
    truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
    await wallet.gained(1)
  })
  await accepted('credential_without_status', {}, { claims: ({ status: _, ...claims }) => claims })

  await accepted('credential_identifiers_used', {}, { identifiers: true }, { ours: true })

  // Offers and codes

  await judge.case('tx_code_wrong', async () => {
    const offer = await issuer.offer({})
    const wrong = String((Number(offer.tx_code) + 1) % 1_000_000).padStart(6, '0')
    const answer = await wallet.accept(offer.link, wrong)
    truthy(!answer.ok, 'accepted')
    await wallet.gained(0)
    truthy((await wallet.accept(offer.link, offer.tx_code)).ok, 'the right one afterwards')
    await wallet.gained(1)
  })
  await judge.case('tx_code_missing', async () => {
    const before = issuer.seen.tokenRequests
    const offer = await issuer.offer({})
    const answer = await wallet.accept(offer.link, undefined)
    truthy(!answer.ok, 'accepted')
    equal(issuer.seen.tokenRequests, before, 'nothing was sent without the code')
    await wallet.gained(0)
  })
  await judge.case('offer_reused', async () => {
    const offer = await issuer.offer({})
    truthy((await wallet.accept(offer.link, offer.tx_code)).ok, 'first')
    truthy(!(await wallet.accept(offer.link, offer.tx_code)).ok, 'second')
    await wallet.gained(1)
  })
  await refused('offer_both_by_value_and_by_reference', {}, {
    offer: async () => {
      const offer = await issuer.offer({ txCode: false })
      const url = new URL(offer.link)
      url.searchParams.set('credential_offer', JSON.stringify(offer.credential_offer))
      return wallet.accept(url.href)
    },
    settings: { ours: true },
  })
  await refused('offer_unknown_configuration', { offer: (offer) => ({ ...offer, credential_configuration_ids: ['no_such_type'] }) })
  await refused('offer_no_configuration', { offer: (offer) => ({ ...offer, credential_configuration_ids: [] }) })
  await refused('offer_without_grant', { offer: (offer) => ({ ...offer, grants: {} }) })
  await refused('offer_plain_http_elsewhere', { offer: (offer) => ({ ...offer, credential_issuer: 'http://issuer.example' }) })

  // Metadata

  await refused('metadata_credential_issuer_mismatch', { issuerMetadata: (metadata) => ({ ...metadata, credential_issuer: 'http://localhost:1' }) })
  await refused('metadata_credential_issuer_trailing_slash', { issuerMetadata: (metadata) => ({ ...metadata, credential_issuer: `${metadata.credential_issuer}/` }) })
  await refused('server_metadata_issuer_mismatch', { serverMetadata: (metadata) => ({ ...metadata, issuer: 'http://localhost:1' }) })
  await refused('metadata_endpoint_plain_http_elsewhere', { issuerMetadata: (metadata) => ({ ...metadata, credential_endpoint: 'http://issuer.example/credential' }) })
  await refused('metadata_without_credential_endpoint', { issuerMetadata: ({ credential_endpoint: _, ...metadata }) => metadata })
  await refused('metadata_proof_algorithm_unknown', {
    issuerMetadata: (metadata) => {
      metadata.credential_configurations_supported.pid.proof_types_supported.jwt.proof_signing_alg_values_supported = ['ES512']
      return metadata
    },
  })
  await refused('metadata_oversized', { issuerMetadata: (metadata) => ({ ...metadata, x_padding: 'x'.repeat(8 << 20) }) }, { settings: { ours: true } })
  await refused('metadata_too_deep', { issuerMetadata: (metadata) => ({ ...metadata, x_deep: deep(200) }) }, { settings: { ours: true } })

  // Answers of the endpoints

  await refused('nonce_endpoint_fails', { nonce: () => ({ status: 500, body: { error: 'server_error' } }) })
  await refused('nonce_not_a_text', { nonce: () => ({ body: { c_nonce: 7 } }) })
  await refused('nonce_refused_again_and_again', { refuseNonces: 5 }, {
    after: () => {
      truthy(issuer.seen.credentialRequests < 1000, 'no endless loop')
    },
  })
  await refused('token_response_without_token', { tokenResponse: ({ access_token: _, ...response }) => response })
  await refused('credential_response_empty', { credentialResponse: () => ({ credentials: [] }) })
  await refused('credential_response_without_credentials', { credentialResponse: () => ({}) })

  // Credentials

  const signer = (make) => async () => ({ signer: await make() })
  await refused('issuer_self_signed_leaf', signer(() => makeLeaf(issuer.root, 'Judge issuer', { selfSigned: true })))
  await refused('issuer_untrusted_root', signer(async () => makeLeaf(await makeRoot('A stranger'), 'Judge issuer')))
  await refused('issuer_untrusted_root_of_same_name', signer(async () => makeLeaf(await makeRoot(issuer.root.name), 'Judge issuer')))
  await refused('issuer_untrusted_root_included', signer(async () => makeLeaf(await makeRoot('A stranger'), 'Judge issuer', { withRoot: true })))
  await refused('issuer_anchor_included', signer(() => withKeyOf(issuer)))
  await refused('issuer_certificate_expired', signer(() => makeLeaf(issuer.root, 'Judge issuer', { from: -60, to: -1 })))
  await refused('issuer_certificate_not_yet_valid', signer(() => makeLeaf(issuer.root, 'Judge issuer', { from: 2, to: 60 })))
  await refused('issuer_certificate_is_authority', signer(() => makeLeaf(issuer.root, 'Judge issuer', { ca: true })))
  await refused('issuer_certificate_for_tls', signer(() => makeLeaf(issuer.root, 'Judge issuer', { extendedKeyUsage: [SERVER_AUTH] })))
  await refused('issuer_certificate_for_requests', signer(() => makeLeaf(issuer.root, 'Judge issuer', { extendedKeyUsage: [READER] })), { settings: { ours: true } })
  await refused('issuer_certificate_under_a_leaf', signer(() => makeLeafThroughAuthority(issuer.root, 'Judge issuer', { authorityIsCa: false })))
  await refused('issuer_certificates_in_wrong_order', signer(() => makeLeafThroughAuthority(issuer.root, 'Judge issuer', { order: 'wrong' })))
  await refused('issuer_key_is_root', signer(async () => ({ key: issuer.root.key, x5c: [issuer.root.base64] })))
  await refused('issuer_without_x5c', { credential: (text) => resign(text, issuer.signer.key, ({ x5c: _, ...header }) => header) })
  await refused('credential_bad_signature', {
    credential: (text) => {
      const { jwt } = split(text)
      return breakSignature(jwt) + text.slice(jwt.length)
    },
  })
  await refused('credential_signed_by_another', { credential: (text) => resign(text, newKey(), (header) => header) })
  await refused('credential_alg_none', {
    credential: (text) => {
      const { jwt } = split(text)
      const { header, payload } = decodeJws(jwt)
      return forgeJws({ ...header, alg: 'none' }, payload, undefined, { emptySignature: true }) + text.slice(jwt.length)
    },
  })
  await refused('credential_hs256', {
    credential: (text) => {
      const { jwt } = split(text)
      const { header, payload } = decodeJws(jwt)
      return forgeJws({ ...header, alg: 'HS256' }, payload, undefined, { hmac: Buffer.from(header.x5c[0], 'base64') }) + text.slice(jwt.length)
    },
  })
  await refused('credential_wrong_typ', { typ: 'JWT' })
  await refused('credential_old_typ', { typ: 'vc+sd-jwt' })
  await refused('credential_wrong_vct', { claims: (claims) => ({ ...claims, vct: 'urn:example:something:1' }) })
  await refused('credential_without_vct', { claims: ({ vct: _, ...claims }) => claims })
  await refused('credential_bound_to_another_key', { claims: (claims) => ({ ...claims, cnf: { jwk: newKey().publicJwk } }) })
  await refused('credential_without_cnf', { claims: ({ cnf: _, ...claims }) => claims })
  await refused('credential_expired', { claims: (claims) => ({ ...claims, iat: nowSeconds() - 3 * DAY, exp: nowSeconds() - DAY }) })
  await refused('credential_not_yet_valid', { claims: (claims) => ({ ...claims, nbf: nowSeconds() + 3 * DAY }) })
  await refused('credential_disclosure_unused', { credential: (text) => `${text}${disclosure('nickname', 'Ami')}~` })
  await refused('credential_disclosure_repeated', { credential: (text) => `${text}${split(text).disclosures[0]}~` })
  await refused('credential_digest_repeated', {
    credential: (text) => resign(text, issuer.signer.key, (header) => header, (payload) => ({ ...payload, _sd: [...payload._sd, payload._sd[0]] })),
  }, { settings: { ours: true } })
  await refused('credential_disclosure_shadows_claim', {
    credential: (text) => {
      const shadow = disclosure('vct', 'urn:example:other:1')
      return `${resign(text, issuer.signer.key, (header) => header, (payload) => ({ ...payload, _sd: [...payload._sd, disclosureDigest(shadow)] }))}${shadow}~`
    },
  })
  await refused('credential_disclosure_reserved_name', {
    credential: (text) => {
      const shadow = disclosure('_sd', ['x'])
      return `${resign(text, issuer.signer.key, (header) => header, (payload) => ({ ...payload, _sd: [...payload._sd, disclosureDigest(shadow)] }))}${shadow}~`
    },
  }, { settings: { ours: true } })
  await refused('credential_duplicate_member', {
    credential: (text) => {
      const { jwt } = split(text)
      const { header, payload } = decodeJws(jwt)
      return forgeJws(header, JSON.stringify(payload).replace('{', '{"vct":"urn:example:other:1",'), issuer.signer.key) + text.slice(jwt.length)
    },
  }, { settings: { ours: true } })
  await refused('credential_unknown_hash', {
    credential: (text) => resign(text, issuer.signer.key, (header) => header, (payload) => ({ ...payload, _sd_alg: 'md5' })),
  }, { settings: { ours: true } })
  await refused('credential_with_key_binding', {
    credential: (text) => text + forgeJws({ typ: 'kb+jwt', alg: 'ES256' }, { iat: nowSeconds(), aud: 'x', nonce: 'y', sd_hash: 'z' }, newKey()),
  }, { settings: { ours: true } })
  await refused('credential_not_a_token', { credential: () => base64url('nothing') })

  // And after all that the wallet still works.
  await judgeCards({ aim, judge, issuer, wallet, accept, accepted, refused })

  await accepted('accept_after_refusals', {})

  await wallet.close()
  await issuer.close()
  judge.finish()
})

function deep(levels) {
  let value = 1
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}

/** The issuer's own leaf, with its trust anchor wrongly included (HAIP 1.0, 6.1.1). */
function withKeyOf(issuer) {
  return { ...issuer.signer, x5c: [...issuer.signer.x5c, issuer.root.base64] }
}

/** The same credential signed anew by `key`, with header and payload changed. */
function resign(text, key, changeHeader, changePayload = (payload) => payload) {
  const { jwt } = split(text)
  const { header, payload } = decodeJws(jwt)
  return forgeJws(changeHeader(header), changePayload(payload), key) + text.slice(jwt.length)
}
