// What an issuer may offer beyond one credential at a time: notifications, authorization details, type metadata,
// nested claims, types without a name (OpenID4VCI 1.0, sections 5.1.1, 8 and 11; SD-JWT VC draft 13, section 6).

import { createHash } from 'node:crypto'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { equal, throws, truthy } from './cases.mjs'
import { call, postForm, postJson } from './http.mjs'
import { decodeJws, forgeJws, random } from './keys.mjs'
import { callbacks } from './oid4vc.mjs'
import { split, verifyCredential } from './sdjwt.mjs'
import { NpmWallet, tokenRequest } from './wallet.mjs'

const OURS = { ours: true }

/** The cases of `wallet-vs-issuer.mjs` that come after everything about a single credential. */
export async function judgeFeatures({ judge, issuer, wallet, person, offered, authorized, proofParts, send, refused, diploma }) {
  // Notifications

  const fetched = async () => {
    const state = await authorized()
    const { header, payload } = proofParts(state)
    const answer = await send(state, forgeJws(header, payload, state.key))
    equal(answer.status, 200, `status (${answer.text.slice(0, 200)})`)
    truthy(typeof answer.json.notification_id === 'string', 'a notification_id')
    return { ...state, id: answer.json.notification_id, url: state.session.issuerMetadata.credentialIssuer.notification_endpoint }
  }
  const notify = ({ session, accessToken, id }, event) =>
    wallet.vci.sendNotification({ issuerMetadata: session.issuerMetadata, accessToken, notification: { notificationId: id, event } })

  for (const event of ['credential_accepted', 'credential_failure', 'credential_deleted']) {
    await judge.case(`notification_${event}`, async () => {
      const state = await fetched()
      equal((await notify(state, event)).response.status, 204, 'status')
      equal((await notify(state, event)).response.status, 204, 'said again (OpenID4VCI 11.1)')
    }, OURS)
  }
  const badNotification = (name, change, error) =>
    judge.case(name, async () => {
      const state = await fetched()
      const body = { notification_id: state.id, event: 'credential_accepted' }
      refused(await postJson(state.url, await change(body), { Authorization: `Bearer ${state.accessToken}` }), 400, error)
      equal((await notify(state, 'credential_accepted')).response.status, 204, 'the good twin')
    }, OURS)
  await badNotification('notification_unknown_id', (body) => ({ ...body, notification_id: random() }), 'invalid_notification_id')
  await badNotification('notification_of_another', async (body) => ({ ...body, notification_id: (await fetched()).id }), 'invalid_notification_id')
  await badNotification('notification_unknown_event', (body) => ({ ...body, event: 'credential_lost' }), 'invalid_notification_request')
  await badNotification('notification_without_event', ({ notification_id }) => ({ notification_id }), 'invalid_notification_request')
  await badNotification('notification_not_json', () => 'accepted', 'invalid_notification_request')
  await judge.case('notification_without_token', async () => {
    const state = await fetched()
    const body = { notification_id: state.id, event: 'credential_accepted' }
    equal((await postJson(state.url, body)).status, 401, 'without')
    equal((await postJson(state.url, body, { Authorization: `Bearer ${random()}` })).status, 401, 'another')
    equal((await notify(state, 'credential_accepted')).response.status, 204, 'the good twin')
  }, OURS)

  // Authorization details

  const detail = (id) => ({ type: 'openid_credential', credential_configuration_id: id })
  await judge.case('credential_identifier_by_library', async () => {
    const { session } = await offered({ txCode: false })
    const { accessTokenResponse } = await wallet.vci.retrievePreAuthorizedCodeAccessTokenFromOffer({
      ...session,
      additionalRequestPayload: { authorization_details: JSON.stringify([detail(session.configurationId)]) },
    })
    const [{ credential_identifiers: [identifier, ...more] }] = accessTokenResponse.authorization_details
    equal([typeof identifier, more.length], ['string', 0], 'one identifier for one data set')
    const key = wallet.newKey()
    const proof = await wallet.proof(session, { key, nonce: await wallet.nonce(session) })
    const answer = await postJson(session.issuerMetadata.credentialIssuer.credential_endpoint, { credential_identifier: identifier, proofs: { jwt: [proof] } }, {
      Authorization: `Bearer ${accessTokenResponse.access_token}`,
    })
    const { payload } = await verifyCredential(answer.json.credentials[0].credential, issuer.anchors)
    equal(payload.cnf.jwk.x, key.publicJwk.x, 'bound to the key of the proof')
  })
  for (const [name, make] of [
    ['authorization_details_not_json', () => '{'],
    ['authorization_details_no_array', (id) => JSON.stringify(detail(id))],
    ['authorization_details_of_unknown_type', (id) => JSON.stringify([{ ...detail(id), type: 'other' }])],
    ['authorization_details_of_unknown_configuration', () => JSON.stringify([detail('no_such_type')])],
  ]) {
    await judge.case(name, async () => {
      const { session } = await offered({ txCode: false })
      const { url, fields } = tokenRequest(session)
      refused(await postForm(url, { ...fields, authorization_details: make(session.configurationId) }), 400, 'invalid_authorization_details')
      const good = await postForm(url, { ...fields, authorization_details: JSON.stringify([detail(session.configurationId)]) })
      equal(good.status, 200, `the good twin (${good.text.slice(0, 200)})`)
    }, OURS)
  }

  // Batches

  await judge.case('batch_with_one_foreign_nonce', async () => {
    const state = await authorized()
    const keys = [wallet.newKey(), wallet.newKey()]
    const proofs = (nonces) => Promise.all(keys.map((key, index) => wallet.proof(state.session, { key, nonce: nonces[index] })))
    const before = (await issuer.issued(person)).length
    refused(await send(state, await proofs([state.nonce, random()])), 400, 'invalid_nonce')
    equal((await issuer.issued(person)).length, before, 'credentials on record')
    const nonce = await wallet.nonce(state.session)
    equal((await send(state, await proofs([nonce, nonce]))).json.credentials.length, 2, 'the good twin')
  }, OURS)
  await judge.case('batch_with_one_bad_signature', async () => {
    const state = await authorized()
    const { header, payload } = proofParts(state)
    const second = wallet.newKey()
    const other = (key) => forgeJws({ ...header, jwk: second.publicJwk }, payload, key)
    refused(await send(state, [forgeJws(header, payload, state.key), other(state.key)]), 400, 'invalid_proof')
    const twin = proofParts({ ...state, nonce: await wallet.nonce(state.session) })
    const good = [forgeJws(twin.header, twin.payload, state.key), forgeJws({ ...twin.header, jwk: second.publicJwk }, twin.payload, second)]
    equal((await send(state, good)).json.credentials.length, 2, 'the good twin')
  }, OURS)
  await judge.case('batch_indices_tell_nothing', async () => {
    const state = await authorized()
    const keys = Array.from({ length: 4 }, () => wallet.newKey())
    const proofs = await Promise.all(keys.map((key) => wallet.proof(state.session, { key, nonce: state.nonce })))
    const indices = (await wallet.request(state.session, state.accessToken, proofs)).map((text) => decodeJws(split(text).jwt).payload.status.status_list.idx)
    const steps = indices.slice(1).map((index, at) => Math.abs(index - indices[at]))
    truthy(steps.some((step) => step !== 1), `indices one after another: ${indices}`)
  }, OURS)

  // Types

  await judge.case('type_metadata', async () => {
    const offer = await issuer.offer({ person, type: 'diploma', txCode: false, claims: diploma })
    const { payload, credential } = await wallet.accept(offer.link)
    const answer = await call(payload.vct)
    equal([answer.status, answer.json?.vct], [200, payload.vct], 'status and vct')
    truthy(/^application\/json/.test(answer.headers.get('content-type')), 'content type')
    const integrity = decodeJws(split(credential).jwt).payload['vct#integrity']
    equal(integrity, `sha256-${createHash('sha256').update(answer.text).digest('base64')}`, 'vct#integrity')
    const known = answer.json.claims.map(({ path }) => path[0])
    for (const name of Object.keys(diploma)) truthy(known.includes(name), `${name} is described`)
    const locales = answer.json.display.map((entry) => entry.locale ?? entry.lang)
    equal(new Set(locales).size, 6, 'languages')
  }, OURS)
  await judge.case('nested_claims_disclosed_apart', async () => {
    const offer = await issuer.offer({ person, txCode: false })
    const { credential } = await wallet.accept(offer.link)
    const names = split(credential).disclosures.map((text) => JSON.parse(Buffer.from(text, 'base64url')))
    truthy(names.some((entry) => entry[1] === 'locality'), 'a part of the place of birth')
    truthy(names.some((entry) => entry[1] === 'place_of_birth' && Array.isArray(entry[2]._sd)), 'with digests of its own')
  }, OURS)
  await judge.case('participant_without_attributes', async () => {
    const offers = [await issuer.offer({ person, type: 'participant', txCode: false }), await issuer.offer({ person, type: 'participant', txCode: false })]
    const payloads = []
    for (const offer of offers) payloads.push((await wallet.accept(offer.link)).payload)
    const protocol = ['iss', 'iat', 'nbf', 'exp', 'vct', 'vct#integrity', 'cnf', 'status', '_sd', '_sd_alg']
    const own = payloads.map((payload) => Object.keys(payload).filter((name) => !protocol.includes(name)))
    equal([own[0].length, own[0]], [1, own[1]], 'one claim, the pseudonym')
    truthy(payloads[0][own[0][0]] !== payloads[1][own[0][0]], 'another pseudonym each time')
  }, OURS)

  // Metadata

  await judge.case('signed_metadata_of_a_stranger', async () => {
    const asking = (anchors) =>
      new Openid4vciClient({
        callbacks: { ...callbacks({ anchors }), fetch: (input, init) => fetch(input, { ...init, headers: { ...init?.headers, Accept: 'application/jwt' } }) },
      }).resolveIssuerMetadata(issuer.identifier)
    await throws(() => asking([]), /./, 'without the anchor')
    truthy((await asking(issuer.anchors)).signedCredentialIssuer, 'with it')
  }, OURS)
  await judge.case('every_type_is_announced', async () => {
    const { session } = await offered()
    const configurations = session.issuerMetadata.credentialIssuer.credential_configurations_supported
    for (const id of ['pid', 'diploma', 'mandate', 'participant', 'vaccination']) truthy(configurations[id], id)
    for (const [id, entry] of Object.entries(configurations)) {
      const { locale, name } = entry.credential_metadata.display.find((item) => item.locale === 'ar') ?? {}
      truthy(locale && name, `${id} has a name in Arabic`)
    }
  }, OURS)
  await judge.case('offer_shown_again_until_used', async () => {
    const offer = await issuer.offer({ person, txCode: false })
    const other = new NpmWallet({ issuerAnchors: issuer.anchors })
    equal((await other.resolve(offer.link)).credentialOffer, (await wallet.resolve(offer.link)).credentialOffer, 'the same offer')
    await other.accept(offer.link)
    await throws(() => wallet.accept(offer.link), /./, 'used')
  }, OURS)
}
