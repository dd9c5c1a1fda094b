// The libraries as wallet against our verifier `ask` (OpenID4VP 1.0, HAIP 1.0).
//
// The wallet takes its credential from our issuer first. Each refusal is the good answer with one thing spoiled.

import { DcqlQuery } from 'dcql'
import { dnsNames, makeLeaf, makeRoot, verifyChain } from './lib/certs.mjs'
import { equal, Judge, oneOf, run, truthy } from './lib/cases.mjs'
import { postForm } from './lib/http.mjs'
import { decodeJws, encryptJwe, newKey, nowSeconds, random, sha256 } from './lib/keys.mjs'
import { issuerParty, PERSON, target, verifierParty } from './lib/parties.mjs'
import { bindFreely, disclosure, issueCredential, present, split, withoutBinding } from './lib/sdjwt.mjs'
import { judgeQueries } from './lib/query-features.mjs'
import { fetchRequestObject, NpmWallet } from './lib/wallet.mjs'
import { pidQuery } from './lib/verifier.mjs'

const DAY = 86_400
const PREFIXES = ['x509_hash', 'x509_san_dns']

await run(async () => {
  const aim = target()
  const judge = new Judge('wallet-vs-verifier', aim)
  const issuer = await issuerParty(aim)
  const verifier = await verifierParty(aim, issuer.anchors)
  const wallet = new NpmWallet({ issuerAnchors: issuer.anchors, askerAnchors: verifier.anchors })
  const person = await issuer.register()
  const offer = await issuer.offer({ person, txCode: false })
  const held = await wallet.accept(offer.link)
  const asked = { given_name: PERSON.given_name, family_name: PERSON.family_name }

  const ask = (options = {}) => verifier.ask({ dcql_query: pidQuery(), ...options })
  const valid = async (id, claims = asked) => {
    const { state, result } = await verifier.outcome(id)
    equal([state, result?.outcome, result?.reason ?? null], ['answered', 'valid', null], 'state, outcome, reason')
    only(result.credentials.pid, claims)
  }
  /** What was asked for, and of the rest nothing that is selectively disclosable. */
  const only = (actual, claims) => {
    for (const [name, value] of Object.entries(claims)) equal(actual[name], value, name)
    for (const name of Object.keys(PERSON)) if (!(name in claims)) equal(actual[name], undefined, `${name}, not asked for`)
  }
  /** Posts a presentation by hand, with the state of the request. */
  const post = (request, presentation, more = {}) =>
    postForm(request.payload.response_uri, {
      vp_token: typeof presentation === 'string' && !presentation.startsWith('{') ? JSON.stringify({ pid: [presentation] }) : presentation,
      ...(request.payload.state === undefined ? {} : { state: request.payload.state }),
      ...more,
    })
  const good = (request, names = Object.keys(asked), holder = held.holder, text = held.credential) =>
    present(text, names, { nonce: request.payload.nonce, aud: request.payload.client_id }, holder)

  for (const prefix of PREFIXES) {
    await judge.case(`request_${prefix}`, async () => {
      const { link } = await ask({ prefix })
      const request = await wallet.request_object(link)
      wallet.checkRequest(request)
      const { payload, jar, client } = request
      equal(client.prefix, prefix, 'prefix')
      equal(jar.jwt.header.typ, 'oauth-authz-req+jwt', 'typ')
      equal(jar.jwt.payload.aud, 'https://self-issued.me/v2', 'aud')
      equal([payload.response_type, payload.response_mode], ['vp_token', 'direct_post'], 'response type and mode')
      equal(payload.redirect_uri, undefined, 'redirect_uri')
      truthy(payload.client_metadata.vp_formats_supported['dc+sd-jwt'], 'formats for SD-JWT VC')
      truthy(Buffer.from(payload.nonce, 'base64url').length >= 16, 'a nonce of 128 bits')
      await verifyChain(jar.jwt.header.x5c, verifier.anchors)
      const leaf = jar.jwt.header.x5c[0]
      if (prefix === 'x509_hash') equal(payload.client_id, `x509_hash:${sha256(Buffer.from(leaf, 'base64')).toString('base64url')}`, 'client_id')
      else truthy(dnsNames(leaf).includes(payload.client_id.slice('x509_san_dns:'.length)), 'a DNS name of the certificate')
      const query = DcqlQuery.parse(payload.dcql_query)
      DcqlQuery.validate(query)
      equal(payload.dcql_query.credentials[0].meta, { vct_values: ['urn:eudi:pid:1'] }, 'meta')
    })

    await judge.case(`cross_device_${prefix}`, async () => {
      const { id, link } = await ask({ prefix, device: 'cross' })
      equal((await verifier.outcome(id)).state, 'waiting', 'state before')
      const { status, json, headers } = await wallet.answer(link)
      equal(status, 200, 'status')
      truthy(/^application\/json/.test(headers.get('content-type')), 'content type')
      equal(json.redirect_uri, undefined, 'no redirect across devices')
      await valid(id)
    })

    await judge.case(`same_device_${prefix}`, async () => {
      const { id, link } = await ask({ prefix, device: 'same' })
      const { status, json } = await wallet.answer(link)
      equal(status, 200, 'status')
      const url = new URL(json.redirect_uri)
      const code = url.searchParams.get('response_code') ?? new URLSearchParams(url.hash.slice(1)).get('response_code')
      truthy(Buffer.from(code ?? '', 'base64url').length >= 16, 'a response code of 128 bits')
      const redeemed = await verifier.redeem(code, id)
      equal(redeemed.status, 200, `redeeming (${JSON.stringify(redeemed.json)})`)
      only(redeemed.json.result.credentials.pid, asked)
      truthy((await verifier.redeem(code, id)).status >= 400, 'the code a second time')
      await valid(id)
    })
  }

  await judge.case('response_code_in_another_session', async () => {
    const { id, link } = await ask({ device: 'same' })
    const { json } = await wallet.answer(link)
    const code = new URL(json.redirect_uri).searchParams.get('response_code')
    truthy((await verifier.redeem(code, id, random())).status >= 400, 'redeemed by another session')
    truthy((await verifier.outcome(id)).result?.outcome !== 'valid', 'valid without the person coming back')
    // An answer that came back elsewhere is given up (OpenID4VP 14.2): the person is asked again.
    equal((await verifier.redeem(code, id)).status, 409, 'the right session afterwards')
    truthy((await verifier.outcome(id)).result?.outcome !== 'valid', 'valid all the same')
  }, { ours: true })

  await judge.case('response_code_unknown', async () => {
    const answer = await verifier.redeem(random())
    truthy(answer.status >= 400 && answer.status < 500, `status ${answer.status}`)
  })

  await judge.case('request_http', async () => {
    const { link } = await ask()
    const first = await fetchRequestObject(link)
    equal(first.status, 200, 'status')
    equal(first.headers.get('content-type'), 'application/oauth-authz-req+jwt', 'content type')
    equal(first.headers.get('access-control-allow-origin'), '*', 'open to browsers')
    equal(first.clientId, first.payload.client_id, 'client_id in the link')
    const second = await fetchRequestObject(link)
    equal([second.status, second.payload.nonce], [200, first.payload.nonce], 'fetched again')
    equal(first.payload.wallet_nonce, undefined, 'wallet_nonce only when one was posted')
  })

  await judge.case('nonces_differ', async () => {
    const payloads = []
    for (let round = 0; round < 3; round += 1) payloads.push((await fetchRequestObject((await ask()).link)).payload)
    equal(new Set(payloads.map((payload) => payload.nonce)).size, 3, 'nonces')
    equal(new Set(payloads.map((payload) => payload.response_uri)).size, 3, 'response addresses')
  })

  await judge.case('only_what_is_asked', async () => {
    const { id, link } = await ask({ dcql_query: pidQuery(['birthdate']) })
    const { status } = await wallet.answer(link)
    equal(status, 200, 'status')
    await valid(id, { birthdate: PERSON.birthdate })
  })

  // Encrypted answers

  const askEncrypted = (options = {}) => ask({ response_mode: 'direct_post.jwt', ...options })
  const encryptionKey = ({ payload }) => payload.client_metadata.jwks.keys[0]

  for (const enc of ['A128GCM', 'A256GCM']) {
    await judge.case(`encrypted_${enc}`, async () => {
      const { id, link } = await askEncrypted()
      const { status, text } = await wallet.answer(link, enc)
      equal(status, 200, `status (${text.slice(0, 200)})`)
      await valid(id)
    }, { ours: true })
  }

  await judge.case('encrypted_same_device', async () => {
    const { id, link } = await askEncrypted({ device: 'same', prefix: 'x509_san_dns' })
    const { json } = await wallet.answer(link)
    const code = new URL(json.redirect_uri).searchParams.get('response_code')
    equal((await verifier.redeem(code, id)).status, 200, 'redeeming')
    await valid(id)
  }, { ours: true })

  await judge.case('encryption_keys', async () => {
    const requests = [await wallet.request_object((await askEncrypted()).link), await wallet.request_object((await askEncrypted()).link)]
    for (const { payload } of requests) {
      equal(payload.response_mode, 'direct_post.jwt', 'response mode')
      equal(payload.client_metadata.encrypted_response_enc_values_supported, ['A128GCM', 'A256GCM'], 'content encryptions')
      const [key, ...more] = payload.client_metadata.jwks.keys
      equal([key.kty, key.crv, key.alg, key.use, typeof key.kid, key.d, more.length], ['EC', 'P-256', 'ECDH-ES', 'enc', 'string', undefined, 0], 'key')
    }
    truthy(encryptionKey(requests[0]).x !== encryptionKey(requests[1]).x, 'a fresh key each time')
    const plain = await wallet.request_object((await ask()).link)
    equal(plain.payload.client_metadata.jwks, undefined, 'no key where nothing is encrypted')
  }, { ours: true })

  const encryptedRefusal = (name, code, make) =>
    judge.case(name, async () => {
      const { id, link } = await askEncrypted()
      const request = await wallet.request_object(link)
      const parameters = { vp_token: { pid: [await good(request)] }, state: request.payload.state }
      const answer = await make(request, parameters)
      equal([answer.status, answer.json?.code], [400, code], 'status and code')
      truthy((await verifier.outcome(id)).result?.outcome !== 'valid', 'outcome is valid')
      const jwe = await encryptJwe(JSON.stringify(parameters), encryptionKey(request))
      equal((await postForm(request.payload.response_uri, { response: jwe })).status, 200, 'the good twin')
      await valid(id)
    }, { ours: true })
  await encryptedRefusal('plain_where_encrypted_was_asked', 'response_not_encrypted', async (request, { vp_token }) => post(request, vp_token.pid[0]))
  await encryptedRefusal('encrypted_to_another_key', 'jwe_decryption', async (request, parameters) => {
    const { kid } = encryptionKey(request)
    return postForm(request.payload.response_uri, { response: await encryptJwe(JSON.stringify(parameters), newKey().publicJwk, { kid }) })
  })
  await encryptedRefusal('encrypted_without_kid', 'response_kid', async (request, parameters) => {
    const { kid, ...key } = encryptionKey(request)
    return postForm(request.payload.response_uri, { response: await encryptJwe(JSON.stringify(parameters), key) })
  })
  await encryptedRefusal('encrypted_by_what_was_not_offered', 'jwe_enc', async (request, parameters) =>
    postForm(request.payload.response_uri, { response: await encryptJwe(JSON.stringify(parameters), encryptionKey(request), { enc: 'A192GCM' }) }))

  // Request objects by POST

  await judge.case('request_by_post', async () => {
    const { id, link } = await ask()
    const url = new URL(link)
    equal(url.searchParams.get('request_uri_method'), 'post', 'method in the link')
    const wallet_nonce = random(16)
    const fetched = await postForm(url.searchParams.get('request_uri'), { wallet_nonce })
    equal([fetched.status, fetched.headers.get('content-type')], [200, 'application/oauth-authz-req+jwt'], 'status and media type')
    const { payload } = decodeJws(fetched.text)
    equal(payload.wallet_nonce, wallet_nonce, 'wallet_nonce')
    const byGet = await fetchRequestObject(link)
    equal([byGet.payload.wallet_nonce, byGet.payload.nonce], [undefined, payload.nonce], 'by GET')
    equal((await post({ payload }, await good({ payload }))).status, 200, 'answered')
    await valid(id)
  }, { ours: true })

  // Requests by value

  for (const response_mode of ['direct_post', 'direct_post.jwt']) {
    await judge.case(`by_value_${response_mode.replace('.', '_')}`, async () => {
      const { id, link } = await ask({ prefix: 'redirect_uri', response_mode })
      const request = await wallet.request_object(link)
      equal([request.jar, request.client.prefix], [undefined, 'redirect_uri'], 'unsigned, and the prefix')
      equal(request.payload.client_id, `redirect_uri:${request.payload.response_uri}`, 'client_id')
      const { status, text } = await wallet.submit(request, await wallet.vpToken(request))
      equal(status, 200, `status (${text.slice(0, 200)})`)
      await valid(id)
    }, { ours: true })
  }

  // What the wallet may decline or report

  await judge.case('error_response', async () => {
    const { id, link } = await ask()
    const request = await wallet.request_object(link)
    const answer = await postForm(request.payload.response_uri, { error: 'access_denied', ...(request.payload.state ? { state: request.payload.state } : {}) })
    equal(answer.status, 200, `status (${answer.text.slice(0, 200)})`)
    const { result } = await verifier.outcome(id)
    truthy(result?.outcome !== 'valid', 'not valid')
  })

  // Answers that must be refused with 4xx at once, and never be valid

  const refusal = (name, reasons, make, options) =>
    judge.case(name, async () => {
      const { id, link } = await ask()
      const request = await wallet.request_object(link)
      const answer = await make(request)
      truthy(answer.status >= 400 && answer.status < 500, `status ${answer.status} ${answer.text.slice(0, 200)}`)
      truthy(typeof answer.json?.error === 'string' || typeof answer.json?.code === 'string', `an error code in ${answer.text.slice(0, 200)}`)
      const { result } = await verifier.outcome(id)
      truthy(result?.outcome !== 'valid', 'outcome is valid')
      if (!aim.self && result?.outcome === 'invalid' && reasons !== null) oneOf(result.reason, [].concat(reasons), 'reason')
    }, options)
  const bind = async (request, change = {}, holder = held.holder) => {
    const bare = withoutBinding(await good(request))
    return bindFreely(change.bare?.(bare) ?? bare, { nonce: request.payload.nonce, aud: request.payload.client_id, ...change }, holder)
  }

  await judge.case('bound_freely_good_twin', async () => {
    const { id, link } = await ask()
    const request = await wallet.request_object(link)
    equal((await post(request, await bind(request))).status, 200, 'status')
    await valid(id)
  })

  await refusal('wrong_nonce', 'nonce', async (request) => post(request, await bind(request, { nonce: random() })))
  await refusal('nonce_of_another_request', 'nonce', async (request) => {
    const other = await wallet.request_object((await ask()).link)
    return post(request, await good(other))
  })
  await refusal('wrong_aud', 'aud', async (request) => post(request, await bind(request, { aud: 'x509_san_dns:other.example' })))
  await refusal('sd_hash_mismatch', 'sd_hash', async (request) => post(request, await bind(request, { sdHash: sha256('other').toString('base64url') })))
  await refusal('disclosure_removed_after_binding', ['sd_hash'], async (request) => {
    const presentation = await good(request)
    const { jwt, disclosures, keyBinding } = split(presentation)
    return post(request, [jwt, ...disclosures.slice(1), keyBinding].join('~'))
  })
  await refusal('key_binding_by_another_key', 'key_binding_signature', async (request) => post(request, await bind(request, {}, newKey())))
  await refusal('key_binding_missing', 'key_binding_missing', async (request) => post(request, withoutBinding(await good(request))))
  await refusal('key_binding_wrong_typ', 'key_binding_typ', async (request) => post(request, await bind(request, { header: { typ: 'JWT' } })))
  await refusal('key_binding_alg_none', ['alg_none', 'key_binding_malformed'], async (request) => {
    const presentation = await bind(request, { header: { alg: 'none' } })
    return post(request, presentation.slice(0, presentation.lastIndexOf('.') + 1))
  })
  await refusal('key_binding_stale', 'iat_window', async (request) => post(request, await bind(request, { iat: nowSeconds() - DAY })))
  await refusal('key_binding_future', 'iat_window', async (request) => post(request, await bind(request, { iat: nowSeconds() + DAY })))
  await refusal('disclosure_unused', 'disclosure_unused', async (request) =>
    post(request, await bind(request, { bare: (bare) => `${bare}${disclosure('nickname', 'Ami')}~` })))
  await refusal('disclosure_of_protected_claim', ['disclosure_unused', 'protected_claim_disclosed'], async (request) =>
    post(request, await bind(request, { bare: (bare) => `${bare}${disclosure('vct', 'urn:other')}~` })))
  await refusal('disclosure_repeated', 'disclosure_repeated', async (request) =>
    post(request, await bind(request, { bare: (bare) => `${bare}${split(bare).disclosures[0]}~` })))
  await refusal('disclosure_malformed', 'disclosure_malformed', async (request) => post(request, await bind(request, { bare: (bare) => `${bare}****~` })))
  await refusal('claim_not_disclosed', 'claim_missing', async (request) => post(request, await good(request, ['given_name'])))
  await refusal('claim_not_asked', 'claim_not_asked', async (request) => post(request, await good(request, [...Object.keys(asked), 'birthdate'])), { ours: true })
  await refusal('credential_signature_broken', 'issuer_signature', async (request) => {
    const bare = withoutBinding(await good(request))
    const { jwt, disclosures } = split(bare)
    const [header, payload, signature] = jwt.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    bytes[5] ^= 4
    const broken = `${[[header, payload, bytes.toString('base64url')].join('.'), ...disclosures].join('~')}~`
    return post(request, bindFreely(broken, { nonce: request.payload.nonce, aud: request.payload.client_id }, held.holder))
  })

  /** A credential of our own making. */
  const forged = async (request, { change = {}, makeSigner, typ } = {}) => {
    const holder = newKey()
    const root = await makeRoot('A stranger')
    const signer = makeSigner ? await makeSigner(root) : await makeLeaf(root, 'A stranger')
    const text = await issueCredential(
      { iss: issuer.identifier, vct: 'urn:eudi:pid:1', iat: nowSeconds() - DAY, exp: nowSeconds() + DAY, cnf: { jwk: holder.publicJwk }, ...asked, ...change },
      Object.keys(asked),
      signer,
      { typ },
    )
    return post(request, await good(request, Object.keys(asked), holder, text))
  }
  await refusal('issuer_untrusted', 'issuer_untrusted', (request) => forged(request))
  await refusal('issuer_self_signed', 'issuer_untrusted', (request) => forged(request, { makeSigner: (root) => makeLeaf(root, 'A stranger', { selfSigned: true }) }))
  await refusal('issuer_with_its_own_anchor', 'issuer_untrusted', (request) => forged(request, { makeSigner: (root) => makeLeaf(root, 'A stranger', { withRoot: true }) }))

  // Malformed answers

  await refusal('wrong_state', null, async (request) => post(request, await good(request), { state: random() }))
  await refusal('vp_token_missing', null, (request) => postForm(request.payload.response_uri, { state: request.payload.state ?? '' }))
  await refusal('vp_token_not_json', null, async (request) => post(request, `{${await good(request)}`))
  await refusal('vp_token_empty', ['credential_missing', 'vp_token_malformed', 'response_incomplete'], (request) => post(request, '{}'))
  await refusal('vp_token_unknown_query', ['answer_unknown_id', 'credential_missing'], async (request) => post(request, JSON.stringify({ other: [await good(request)] })))
  await refusal('vp_token_additional_query', 'answer_unknown_id', async (request) => post(request, JSON.stringify({ pid: [await good(request)], other: [await good(request)] })), { ours: true })
  await refusal('vp_token_text_instead_of_array', null, async (request) => post(request, JSON.stringify({ pid: await good(request) })), { ours: true })
  await refusal('vp_token_two_presentations', 'answer_count', async (request) => post(request, JSON.stringify({ pid: [await good(request), await good(request)] })))
  await refusal('vp_token_duplicate_member', null, async (request) => {
    const text = JSON.stringify(await good(request))
    return post(request, `{"pid":[${text}],"pid":[${text}]}`)
  }, { ours: true })
  await refusal('vp_token_oversized', null, async (request) => post(request, JSON.stringify({ pid: ['x'.repeat(3 << 20)] })).catch(() => ({ status: 413, text: '', json: { error: 'closed' } })), { ours: true })

  await judgeQueries({ aim, judge, issuer, verifier, wallet, held, person })

  // A second answer

  await judge.case('second_answer', async () => {
    const { id, link } = await ask()
    const request = await wallet.request_object(link)
    equal((await post(request, await good(request))).status, 200, 'first')
    const again = await post(request, await good(request))
    truthy(again.status >= 400 && again.status < 500, `second answered ${again.status}`)
    await valid(id)
  })

  await judge.case('same_presentation_twice', async () => {
    const { id, link } = await ask()
    const request = await wallet.request_object(link)
    const presentation = await good(request)
    equal((await post(request, presentation)).status, 200, 'first')
    truthy((await post(request, presentation)).status >= 400, 'second')
    await valid(id)
  })

  await judge.case('unknown_request', async () => {
    const request = await wallet.request_object((await ask()).link)
    const response_uri = request.payload.response_uri.replace(/[^/]+$/, random(16))
    const answer = await postForm(response_uri, { vp_token: '{}' })
    truthy(answer.status >= 400 && answer.status < 500, `status ${answer.status}`)
  }, { ours: true })

  // Status: unlike a bad proof this is for the verifier, and changes with time

  await judge.case('suspended_reinstated_revoked', async () => {
    const mine = await issuer.register()
    const holderOffer = await issuer.offer({ person: mine, txCode: false })
    const other = new NpmWallet({ issuerAnchors: issuer.anchors, askerAnchors: verifier.anchors })
    await other.accept(holderOffer.link)
    const [{ id: credential }] = await issuer.issued(mine)
    const outcome = async () => {
      const { id, link } = await ask()
      const { status } = await other.answer(link)
      const { result } = await verifier.outcome(id)
      return [status, result?.outcome, result?.reason ?? null]
    }
    const expect = (actual, reason, what) => {
      equal(actual[1], reason === null ? 'valid' : 'invalid', `outcome when ${what}`)
      if (!aim.self) equal(actual[2], reason, `reason when ${what}`)
    }
    expect(await outcome(), null, 'issued')
    await issuer.act(credential, 'suspend')
    expect(await outcome(), 'status_suspended', 'suspended')
    await issuer.act(credential, 'reinstate')
    expect(await outcome(), null, 'reinstated')
    await issuer.act(credential, 'revoke')
    expect(await outcome(), 'status_revoked', 'revoked')
  })

  await verifier.close()
  await issuer.close()
  judge.finish()
})
