// The libraries as wallet against our issuer (OpenID4VCI 1.0, HAIP 1.0, SD-JWT VC draft 13).
//
// Read `lib/wallet.mjs` for the steps; each refusal is one step gone wrong, with the exact error of the standard,
// and `good_twin` cases show that the same step passes without the fault.

import { equal, Judge, oneOf, run, throws, truthy } from './lib/cases.mjs'
import { call, postForm, postJson } from './lib/http.mjs'
import { judgeFeatures } from './lib/issuance-features.mjs'
import { decodeJws, forgeJws, newKey, nowSeconds, random } from './lib/keys.mjs'
import { judgeMetadata } from './lib/metadata.mjs'
import { issuerParty, PERSON, target } from './lib/parties.mjs'
import { badProofs } from './lib/proofs.mjs'
import { split, verifyCredential } from './lib/sdjwt.mjs'
import { NpmWallet, tokenRequest } from './lib/wallet.mjs'

const DAY = 86_400
const TRIES_MAX = 20
const DIPLOMA = { degree: 'Master of Engineering', field_of_study: 'Hydrology', institution: 'University of Kindi', awarded_on: '2015-07-01' }

await run(async () => {
  const aim = target()
  const judge = new Judge('wallet-vs-issuer', aim)
  const issuer = await issuerParty(aim)
  const person = await issuer.register()
  const wallet = new NpmWallet({ issuerAnchors: issuer.anchors })

  /** An offer resolved, without spending it. */
  const offered = async (options = {}) => {
    const offer = await issuer.offer({ person, ...options })
    return { offer, session: await wallet.resolve(offer.link) }
  }
  /** A session with a fresh token and everything a credential request needs. */
  const authorized = async (options = {}) => {
    const { offer, session } = await offered({ txCode: false, ...options })
    const accessToken = await wallet.token(session, offer.tx_code)
    const endpoint = session.issuerMetadata.credentialIssuer.credential_endpoint
    return { offer, session, accessToken, endpoint, key: wallet.newKey(), nonce: await wallet.nonce(session) }
  }
  const proofParts = ({ key, nonce }) => ({
    header: { typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk: key.publicJwk },
    payload: { aud: issuer.identifier, iat: nowSeconds(), nonce },
  })
  const send = ({ endpoint, accessToken, session }, proof, body = {}) =>
    postJson(
      endpoint,
      { credential_configuration_id: session.configurationId, ...(proof === undefined ? {} : { proofs: { jwt: [].concat(proof) } }), ...body },
      { Authorization: `Bearer ${accessToken}` },
    )
  const refused = (answer, status, error) => {
    equal(answer.status, status, `status (body ${answer.text.slice(0, 200)})`)
    equal(answer.json?.error, error, 'error')
    truthy(/^application\/json/.test(answer.headers.get('content-type')), 'an error is application/json')
  }

  await judgeMetadata({ judge, issuer, wallet, person, offered })

  // Issuance that works

  let first
  await judge.case('issue_by_reference_with_tx_code', async () => {
    const offer = await issuer.offer({ person })
    first = await wallet.accept(offer.link, { txCode: offer.tx_code })
  })

  await judge.case('issue_by_value_without_tx_code', async () => {
    const offer = await issuer.offer({ person, txCode: false })
    await wallet.accept(offer.link_by_value)
  })

  await judge.case('credential_header', async () => {
    const { header } = decodeJws(split(first.credential).jwt)
    equal(header.typ, 'dc+sd-jwt', 'typ')
    equal(header.alg, 'ES256', 'alg')
    truthy(header.x5c.length >= 1, 'x5c')
  })

  await judge.case('credential_claims', async () => {
    const { payload } = await verifyCredential(first.credential, issuer.anchors)
    equal(payload.vct, 'urn:eudi:pid:1', 'vct')
    for (const name of ['family_name', 'given_name', 'birthdate']) equal(payload[name], PERSON[name], name)
    truthy(payload.exp > nowSeconds() + DAY, 'valid for more than a day')
  })

  await judge.case('credential_discloses_selectively', async () => {
    const { payload } = decodeJws(split(first.credential).jwt)
    for (const name of ['family_name', 'given_name', 'birthdate']) equal(payload[name], undefined, `${name} in clear`)
    equal(payload._sd_alg, 'sha-256', '_sd_alg')
    truthy(split(first.credential).keyBinding === '', 'ends with a tilde')
    const { disclosures } = split(first.credential)
    const disclosed = disclosures.map((entry) => JSON.parse(Buffer.from(entry, 'base64url').toString()))
    // Parts of a claim are disclosed one by one, and so is the claim: its disclosure holds their digests.
    const place = disclosed.find(([, name]) => name === 'place_of_birth').at(-1)
    equal([Object.keys(place), place._sd.length], [['_sd'], 1], 'nothing of the place of birth is in clear')
    const all = [payload._sd, ...disclosed.map((entry) => entry.at(-1)._sd ?? [])]
    equal(all.flat().length >= disclosures.length, true, 'a digest for each disclosure')
    for (const digests of all) equal([...digests].sort().join(), digests.join(), 'digests sorted, so that their order says nothing')
  }, { ours: true })

  await judge.case('credential_holder_key', async () => {
    const { payload } = decodeJws(split(first.credential).jwt)
    equal(payload.cnf, { jwk: first.holder.publicJwk }, 'cnf has the proof key and nothing else')
  })

  await judge.case('credential_salts_unique', async () => {
    const offer = await issuer.offer({ person, txCode: false })
    const other = await wallet.accept(offer.link)
    const salts = [first, other].flatMap((entry) => split(entry.credential).disclosures.map((text) => JSON.parse(Buffer.from(text, 'base64url'))[0]))
    equal(new Set(salts).size, salts.length, 'distinct salts')
    for (const salt of salts) truthy(Buffer.from(salt, 'base64url').length >= 16, 'a salt of 128 bits')
    const [one, two] = [first, other].map((entry) => entry.payload.status.status_list)
    truthy(one.idx !== two.idx || one.uri !== two.uri, 'distinct status entries')
  })

  await judge.case('credential_times_rounded', async () => {
    const { payload } = decodeJws(split(first.credential).jwt)
    for (const name of ['iat', 'nbf', 'exp']) {
      if (payload[name] !== undefined) equal(payload[name] % 60, 0, `${name} is rounded`)
    }
  })

  await judge.case('credential_response', async () => {
    const state = await authorized()
    const { header, payload } = proofParts(state)
    const answer = await send(state, forgeJws(header, payload, state.key))
    equal(answer.status, 200, 'status')
    truthy(/^application\/json/.test(answer.headers.get('content-type')), 'content type')
    truthy(/no-store/.test(answer.headers.get('cache-control')), 'Cache-Control')
    truthy(answer.headers.get('date'), 'Date')
    truthy(answer.json.credentials.every((entry) => typeof entry.credential === 'string'), 'an array of objects')
    equal(answer.json.c_nonce, undefined, 'no c_nonce outside the nonce endpoint')
  })

  await judge.case('issue_diploma', async () => {
    const offer = await issuer.offer({ person, type: 'diploma', txCode: false, claims: DIPLOMA })
    const { payload, session } = await wallet.accept(offer.link)
    equal(payload.vct, session.issuerMetadata.credentialIssuer.credential_configurations_supported[session.configurationId].vct, 'vct')
  })

  // Token endpoint

  await judge.case('token_response', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    const answer = await postForm(url, fields)
    equal(answer.status, 200, 'status')
    equal(answer.json.token_type.toLowerCase(), 'bearer', 'token type')
    truthy(/no-store/.test(answer.headers.get('cache-control')), 'Cache-Control')
    equal(answer.headers.get('access-control-allow-origin'), '*', 'open to browsers')
  })

  await judge.case('wrong_tx_code', async () => {
    const { offer, session } = await offered()
    const { url, fields } = tokenRequest(session)
    const wrong = String((Number(offer.tx_code) + 1) % 1_000_000).padStart(6, '0')
    refused(await postForm(url, { ...fields, tx_code: wrong }), 400, 'invalid_grant')
    equal((await postForm(url, { ...fields, tx_code: offer.tx_code })).status, 200, 'the right one afterwards')
  })

  await judge.case('missing_tx_code', async () => {
    const { offer, session } = await offered()
    const { url, fields } = tokenRequest(session)
    refused(await postForm(url, fields), 400, 'invalid_request')
    equal((await postForm(url, { ...fields, tx_code: offer.tx_code })).status, 200, 'with it afterwards')
  })

  await judge.case('unexpected_tx_code', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    refused(await postForm(url, { ...fields, tx_code: '123456' }), 400, 'invalid_request')
  })

  await judge.case('tx_code_tries_limited', async () => {
    const { offer, session } = await offered()
    const { url, fields } = tokenRequest(session)
    const wrong = String((Number(offer.tx_code) + 1) % 1_000_000).padStart(6, '0')
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const answer = await postForm(url, { ...fields, tx_code: wrong })
      oneOf(answer.status, [400, 429], 'status')
    }
    const answer = await postForm(url, { ...fields, tx_code: offer.tx_code })
    refused(answer, 400, 'invalid_grant')
  })

  await judge.case('reused_code', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    equal((await postForm(url, fields)).status, 200, 'first')
    refused(await postForm(url, fields), 400, 'invalid_grant')
  })

  await judge.case('unknown_code', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    refused(await postForm(url, { ...fields, 'pre-authorized_code': random() }), 400, 'invalid_grant')
  })

  await judge.case('missing_code', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    refused(await postForm(url, { grant_type: fields.grant_type }), 400, 'invalid_request')
  })

  await judge.case('unknown_grant_type', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    refused(await postForm(url, { ...fields, grant_type: 'password' }), 400, 'unsupported_grant_type')
  })

  await judge.case('repeated_parameter', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    refused(await postForm(url, [...Object.entries(fields), ['grant_type', fields.grant_type]]), 400, 'invalid_request')
  }, { ours: true })

  // Authorization details (OpenID4VCI 5.1.1, 6.2, 8.2)

  const details = (id) => JSON.stringify([{ type: 'openid_credential', credential_configuration_id: id }])

  await judge.case('authorization_details', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    const { status, json } = await postForm(url, { ...fields, authorization_details: details(session.configurationId) })
    equal(status, 200, 'status')
    const [granted] = json.authorization_details
    equal([granted.type, granted.credential_configuration_id], ['openid_credential', session.configurationId], 'what was granted')
    const endpoint = session.issuerMetadata.credentialIssuer.credential_endpoint
    const state = { session, endpoint, accessToken: json.access_token, key: wallet.newKey(), nonce: await wallet.nonce(session) }
    const { header, payload } = proofParts(state)
    const proof = forgeJws(header, payload, state.key)
    refused(await send(state, proof), 400, 'invalid_credential_request')
    const byIdentifier = (identifier) => send(state, proof, { credential_configuration_id: undefined, credential_identifier: identifier })
    refused(await byIdentifier('another'), 400, 'unknown_credential_identifier')
    const answer = await byIdentifier(granted.credential_identifiers[0])
    equal(answer.status, 200, `status (${answer.text.slice(0, 200)})`)
    await verifyCredential(answer.json.credentials[0].credential, issuer.anchors)
  })

  await judge.case('authorization_details_not_offered', async () => {
    const { session } = await offered({ txCode: false })
    const { url, fields } = tokenRequest(session)
    refused(await postForm(url, { ...fields, authorization_details: details('diploma') }), 400, 'invalid_authorization_details')
    equal((await postForm(url, fields)).status, 200, 'without them afterwards')
  })

  // Nonce endpoint

  await judge.case('nonce_response', async () => {
    const { session } = await offered()
    const answer = await call(session.issuerMetadata.credentialIssuer.nonce_endpoint, { method: 'POST' })
    equal(answer.status, 200, 'status')
    equal(answer.headers.get('cache-control'), 'no-store', 'Cache-Control')
    equal(answer.headers.get('access-control-allow-origin'), '*', 'open to browsers')
    equal(typeof answer.json.c_nonce, 'string', 'c_nonce')
    truthy((await wallet.nonce(session)) !== answer.json.c_nonce, 'a fresh one each time')
  })

  await judge.case('reused_nonce', async () => {
    const one = await authorized()
    const good = proofParts(one)
    equal((await send(one, forgeJws(good.header, good.payload, one.key))).status, 200, 'first')
    const two = { ...(await authorized()), nonce: one.nonce }
    const again = proofParts(two)
    refused(await send(two, forgeJws(again.header, again.payload, two.key)), 400, 'invalid_nonce')
    const fresh = proofParts({ ...two, nonce: await wallet.nonce(two.session) })
    equal((await send(two, forgeJws(fresh.header, fresh.payload, two.key))).status, 200, 'with a fresh nonce afterwards')
  })

  await judge.case('foreign_nonce', async () => {
    const state = { ...(await authorized()), nonce: random() }
    const { header, payload } = proofParts(state)
    refused(await send(state, forgeJws(header, payload, state.key)), 400, 'invalid_nonce')
  })

  // Proofs that must be refused: each beside the same request with a good proof on the same token.

  const badProof = (name, make, options) =>
    judge.case(name, async () => {
      const state = await authorized()
      const before = (await issuer.issued(person)).length
      refused(await send(state, await make(state, proofParts(state))), 400, 'invalid_proof')
      equal((await issuer.issued(person)).length, before, 'credentials on record')
      const twin = { ...state, nonce: await wallet.nonce(state.session) }
      const { header, payload } = proofParts(twin)
      equal((await send(twin, forgeJws(header, payload, state.key))).status, 200, 'the good twin')
    }, options)

  for (const [name, make, options] of badProofs(wallet)) await badProof(name, make, options)

  await judge.case('proofs_two_with_one_key', async () => {
    const state = await authorized()
    const { header, payload } = proofParts(state)
    const answer = await send(state, [forgeJws(header, payload, state.key), forgeJws(header, payload, state.key)])
    if (answer.status === 200) equal(answer.json.credentials.length, 1, 'never more credentials than keys')
    else refused(answer, 400, 'invalid_proof')
  })

  await judge.case('proofs_batch', async () => {
    const state = await authorized()
    const size = state.session.issuerMetadata.credentialIssuer.batch_credential_issuance?.batch_size ?? 1
    const keys = Array.from({ length: size }, () => wallet.newKey())
    const proofs = await Promise.all(keys.map((key) => wallet.proof(state.session, { key, nonce: state.nonce })))
    const credentials = await wallet.request(state.session, state.accessToken, proofs)
    equal(credentials.length, size, 'credentials')
    const verified = await Promise.all(credentials.map((text) => verifyCredential(text, issuer.anchors)))
    equal(new Set(verified.map(({ payload }) => payload.cnf.jwk.x)).size, size, 'distinct holder keys')
    equal(new Set(verified.map(({ payload }) => `${payload.status.status_list.uri}#${payload.status.status_list.idx}`)).size, size, 'distinct status entries')
    equal(new Set(verified.map(({ payload }) => JSON.stringify([payload.family_name, payload.given_name, payload.birthdate]))).size, 1, 'the same data')
  })

  await judge.case('proofs_more_than_batch', async () => {
    const state = await authorized()
    const size = state.session.issuerMetadata.credentialIssuer.batch_credential_issuance?.batch_size ?? 1
    const keys = Array.from({ length: size + 1 }, () => wallet.newKey())
    const proofs = await Promise.all(keys.map((key) => wallet.proof(state.session, { key, nonce: state.nonce })))
    const answer = await send(state, proofs)
    if (answer.status === 200) truthy(answer.json.credentials.length <= size, 'no more than announced')
    else {
      equal(answer.status, 400, 'status')
      oneOf(answer.json.error, ['invalid_proof', 'invalid_credential_request'], 'error')
    }
  })

  // Credential requests that must be refused

  const badRequest = (name, body, error, options) =>
    judge.case(name, async () => {
      const state = await authorized()
      const { header, payload } = proofParts(state)
      const before = (await issuer.issued(person)).length
      const answer = await send(state, forgeJws(header, payload, state.key), body)
      equal(answer.status, 400, `status (body ${answer.text.slice(0, 200)})`)
      oneOf(answer.json?.error, [].concat(error), 'error')
      equal((await issuer.issued(person)).length, before, 'credentials on record')
    }, options)

  await badRequest('unknown_configuration', { credential_configuration_id: 'no_such_type' }, 'unknown_credential_configuration')
  await badRequest('unknown_identifier', { credential_configuration_id: undefined, credential_identifier: 'no_such_credential' }, 'unknown_credential_identifier')
  await badRequest('no_configuration', { credential_configuration_id: undefined }, 'invalid_credential_request')
  await badRequest('configuration_and_identifier', { credential_identifier: 'pid' }, 'invalid_credential_request')
  await badRequest('configuration_of_wrong_type', { credential_configuration_id: 7 }, 'invalid_credential_request', { ours: true })
  await badRequest('proofs_of_two_types', { proofs: { jwt: ['a.b.c'], attestation: ['a.b.c'] } }, ['invalid_proof', 'invalid_credential_request'], { ours: true })

  await badRequest('encryption_not_offered', { credential_response_encryption: { jwk: newKey().publicJwk, enc: 'A128GCM' } }, ['invalid_encryption_parameters', 'invalid_credential_request'], { ours: true })

  await judge.case('encrypted_request_not_offered', async () => {
    const { endpoint, accessToken } = await authorized()
    const answer = await postJson(endpoint, 'eyJhbGciOiJFQ0RILUVTIn0.a.b.c.d', { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/jwt' })
    refused(answer, 400, 'invalid_encryption_parameters')
  }, { ours: true })

  await judge.case('configuration_not_offered', async () => {
    const state = await authorized()
    const { header, payload } = proofParts(state)
    const other = Object.keys(state.session.issuerMetadata.credentialIssuer.credential_configurations_supported).find((id) => id !== state.session.configurationId)
    const answer = await send(state, forgeJws(header, payload, state.key), { credential_configuration_id: other })
    oneOf(answer.status, [400, 403], 'status')
    equal(answer.json.credentials, undefined, 'no credential')
  })

  await judge.case('request_not_json', async () => {
    const { endpoint, accessToken } = await authorized()
    for (const body of ['', 'credential', '[]', '{"credential_configuration_id":']) {
      refused(await postJson(endpoint, body, { Authorization: `Bearer ${accessToken}` }), 400, 'invalid_credential_request')
    }
  }, { ours: true })

  await judge.case('request_duplicate_member', async () => {
    const state = await authorized()
    const { header, payload } = proofParts(state)
    const text = JSON.stringify({ credential_configuration_id: state.session.configurationId, proofs: { jwt: [forgeJws(header, payload, state.key)] } })
    const answer = await postJson(state.endpoint, text.replace('{', '{"credential_configuration_id":"diploma",'), { Authorization: `Bearer ${state.accessToken}` })
    refused(answer, 400, 'invalid_credential_request')
  }, { ours: true })

  await judge.case('request_oversized', async () => {
    const state = await authorized()
    const answer = await send(state, undefined, { padding: 'x'.repeat(2 << 20) }).catch(() => ({ status: 413 }))
    oneOf(answer.status, [400, 413], 'status')
  }, { ours: true })

  await judge.case('request_too_deep', async () => {
    const { endpoint, accessToken } = await authorized()
    const answer = await postJson(endpoint, `${'['.repeat(5000)}${']'.repeat(5000)}`, { Authorization: `Bearer ${accessToken}` })
    refused(answer, 400, 'invalid_credential_request')
  }, { ours: true })

  // Access tokens (RFC 6750)

  const tokenCase = (name, make) =>
    judge.case(name, async () => {
      const state = await authorized()
      const { header, payload } = proofParts(state)
      const body = { credential_configuration_id: state.session.configurationId, proofs: { jwt: [forgeJws(header, payload, state.key)] } }
      await make(state, body)
    })

  await tokenCase('token_missing', async ({ endpoint }, body) => {
    const answer = await postJson(endpoint, body)
    equal(answer.status, 401, 'status')
    truthy(/^Bearer/i.test(answer.headers.get('www-authenticate') ?? ''), 'WWW-Authenticate: Bearer')
    truthy(!/error=/.test(answer.headers.get('www-authenticate')), 'no error code when nothing was sent (RFC 6750, 3.1)')
  })
  await tokenCase('token_bad', async ({ endpoint }, body) => {
    const answer = await postJson(endpoint, body, { Authorization: `Bearer ${random()}` })
    equal(answer.status, 401, 'status')
    truthy(/error="invalid_token"/.test(answer.headers.get('www-authenticate') ?? ''), `invalid_token in ${answer.headers.get('www-authenticate')}`)
  })
  await tokenCase('token_in_query', async ({ endpoint, accessToken }, body) => {
    equal((await postJson(`${endpoint}?access_token=${accessToken}`, body)).status, 401, 'status')
  })
  await tokenCase('token_wrong_scheme', async ({ endpoint, accessToken }, body) => {
    equal((await postJson(endpoint, body, { Authorization: `Basic ${accessToken}` })).status, 401, 'status')
  })
  await tokenCase('token_altered', async ({ endpoint, accessToken }, body) => {
    const altered = (accessToken[0] === 'A' ? 'B' : 'A') + accessToken.slice(1)
    equal((await postJson(endpoint, body, { Authorization: `Bearer ${altered}` })).status, 401, 'status')
    equal((await postJson(endpoint, body, { Authorization: `Bearer ${accessToken}` })).status, 200, 'the good twin')
  })

  await judgeFeatures({ judge, issuer, wallet, person, offered, authorized, proofParts, send, refused, diploma: DIPLOMA })

  // The library refuses what has been withdrawn

  await judge.case('suspend_reinstate_revoke', async () => {
    const mine = await issuer.register()
    const offer = await issuer.offer({ person: mine, txCode: false })
    const { credential } = await wallet.accept(offer.link)
    const [{ id }] = await issuer.issued(mine)
    await verifyCredential(credential, issuer.anchors)
    equal(await issuer.act(id, 'suspend'), 200, 'suspend')
    await throws(() => verifyCredential(credential, issuer.anchors), /status is not valid/i, 'suspended')
    equal(await issuer.act(id, 'reinstate'), 200, 'reinstate')
    await verifyCredential(credential, issuer.anchors)
    equal(await issuer.act(id, 'revoke'), 200, 'revoke')
    await throws(() => verifyCredential(credential, issuer.anchors), /status is not valid/i, 'revoked')
    const again = await issuer.act(id, 'reinstate')
    truthy(again >= 400, `reinstating a revoked credential answered ${again}`)
    await throws(() => verifyCredential(credential, issuer.anchors), /status is not valid/i, 'still revoked')
  })

  await issuer.close()
  judge.finish()
})
