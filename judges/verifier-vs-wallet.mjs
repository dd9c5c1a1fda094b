// The libraries as verifier against our wallet, run as a child process (OpenID4VP 1.0, HAIP 1.0).
//
// The wallet takes its credential from the libraries' issuer, so that nothing else of ours takes part.
// The verifier in `lib/verifier.mjs` is spoiled in one place at a time; the wallet must refuse and send no presentation.

import { judgeAskers } from './lib/asker-features.mjs'
import { DOCUMENT_SIGNER, makeLeaf, makeRoot, SERVER_AUTH } from './lib/certs.mjs'
import { agreedCodes, equal, Judge, run, truthy } from './lib/cases.mjs'
import { startIssuer } from './lib/issuer.mjs'
import { base64url, breakSignature, decodeJws, forgeJws, newKey, nowSeconds } from './lib/keys.mjs'
import { target, walletParty } from './lib/parties.mjs'
import { pidQuery, startVerifier } from './lib/verifier.mjs'

const DAY = 86_400
const PREFIXES = ['x509_hash', 'x509_san_dns']
const CLAIMS = { family_name: 'Diallo', given_name: 'Aminata', birthdate: '1990-04-02' }

await run(async () => {
  const aim = target()
  const judge = new Judge('verifier-vs-wallet', aim)
  const codes = agreedCodes('verifier-vs-wallet')
  const issuer = await startIssuer()
  const verifier = await startVerifier({ issuerAnchors: issuer.anchors })
  const wallet = await walletParty(aim, { issuerAnchors: issuer.anchors, askerAnchors: verifier.anchors })
  const offer = await issuer.offer({ claims: CLAIMS })
  const got = await wallet.accept(offer.link, offer.tx_code)
  if (!got.ok) throw new Error(`the wallet did not accept its credential: ${JSON.stringify(got)}`)

  const answered = (name, options, check = () => {}, settings) =>
    judge.case(name, async () => {
      const { id, link } = await verifier.ask(options)
      const answer = await wallet.answer(link)
      const { posts, result, responseCode } = verifier.requests.get(id)
      truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
      equal(posts.length, 1, 'answers received')
      equal([result?.outcome, result?.reason ?? null], ['valid', null], 'outcome and reason')
      await check({ answer, post: posts[0], result, responseCode })
    }, settings)
  const refused = (name, options, { settings } = {}) =>
    judge.case(name, async () => {
      const { id, link } = await verifier.ask(typeof options === 'function' ? await options() : options)
      const answer = await wallet.answer(link)
      const { posts } = verifier.requests.get(id)
      truthy(!answer.ok, `answered: ${JSON.stringify(answer)}`)
      if (!aim.self) equal(answer.error, codes[name], `code (${answer.detail})`)
      truthy(posts.every((fields) => fields.vp_token === undefined && fields.response === undefined), 'a presentation was sent')
    }, settings)
  const spoil = (change) => ({ faults: { payload: (payload) => ({ ...payload, ...change }) } })
  const without = (name) => ({ faults: { payload: ({ [name]: _, ...payload }) => payload } })

  // What must work

  for (const prefix of PREFIXES) {
    await answered(`cross_device_${prefix}`, { prefix }, ({ post, result }) => {
      equal(result.credentials, { pid: { given_name: CLAIMS.given_name, family_name: CLAIMS.family_name } }, 'claims disclosed, and no others')
      truthy(Array.isArray(JSON.parse(post.vp_token).pid), 'an array a query (OpenID4VP 8.1)')
    })
    await answered(`same_device_${prefix}`, { prefix, device: 'same' }, ({ answer, responseCode }) => {
      truthy(JSON.stringify(answer).includes(responseCode), `the wallet says where to go on: ${JSON.stringify(answer)}`)
    })
  }

  await answered('key_binding', {}, ({ post }) => {
    const { header, payload } = decodeJws(JSON.parse(post.vp_token).pid[0].split('~').at(-1))
    equal(header, { typ: 'kb+jwt', alg: 'ES256' }, 'header')
    equal(Object.keys(payload).sort(), ['aud', 'iat', 'nonce', 'sd_hash'], 'claims, and none besides')
  })
  await answered('one_claim_of_three', { dcql_query: pidQuery(['birthdate']) }, ({ result }) => {
    equal(result.credentials, { pid: { birthdate: CLAIMS.birthdate } }, 'claims')
  })
  await answered('query_without_claims', { dcql_query: { credentials: [{ id: 'pid', format: 'dc+sd-jwt', meta: { vct_values: ['urn:eudi:pid:1'] } }] } }, ({ result }) => {
    equal(result.credentials, { pid: {} }, 'nothing selectively disclosable (OpenID4VP 6.4.1)')
  })
  await answered('query_with_several_types', {
    dcql_query: { credentials: [{ ...pidQuery().credentials[0], meta: { vct_values: ['urn:example:other:1', 'urn:eudi:pid:1'] } }] },
  })
  await answered('unknown_parameters_ignored', {
    faults: {
      payload: (payload) => ({
        ...payload,
        x_unknown: { a: 1 },
        client_metadata: { ...payload.client_metadata, x_unknown: true, jwks: { keys: [{ kty: 'EC', crv: 'P-999', use: 'enc', kid: 'unusable' }] } },
        verifier_info: [{ format: 'x_unknown', data: 'whatever' }],
      }),
    },
  })
  await answered('request_without_state', { state: false })
  await answered('request_without_expiry', without('exp'))
  await answered('request_uri_method_post', { faults: { link: (link) => `${link}&request_uri_method=post` } }, undefined, { ours: true })
  await answered('explains_itself_in_the_request', spoil({
    verifier_info: [{ format: 'urn:sahihi:purpose:1', data: { en: 'To open an account', fr: 'Pour ouvrir un compte' } }],
  }))

  // Encrypted (OpenID4VP 8.3); among the libraries themselves the wallet cannot encrypt.

  const jweHeader = (post) => JSON.parse(Buffer.from(post.response.split('.')[0], 'base64url').toString())
  for (const [name, encs, enc] of [
    ['direct_post_jwt', [], 'A128GCM'],
    ['direct_post_jwt_a128gcm', ['A128GCM'], 'A128GCM'],
    ['direct_post_jwt_a256gcm', ['A256GCM'], 'A256GCM'],
    ['direct_post_jwt_unknown_enc_ignored', ['A192CBC-HS384', 'A128GCM'], 'A128GCM'],
  ]) {
    await answered(name, { encs }, ({ post, result }) => {
      equal(Object.keys(post), ['response'], 'parameters, and none in the open')
      equal([jweHeader(post).alg, jweHeader(post).enc], ['ECDH-ES', enc], 'algorithms')
      equal(result.credentials, { pid: { given_name: CLAIMS.given_name, family_name: CLAIMS.family_name } }, 'claims')
    }, { ours: true })
  }
  const withKeys = (change) => ({
    encs: [],
    faults: { payload: (payload) => ({ ...payload, client_metadata: { ...payload.client_metadata, jwks: { keys: change(payload.client_metadata.jwks.keys) } } }) },
  })
  const unusable = { kty: 'EC', crv: 'P-999', x: 'AA', y: 'AA', use: 'enc', alg: 'ECDH-ES', kid: 'unusable' }
  await answered('direct_post_jwt_unusable_keys_ignored', withKeys((keys) => [unusable, { kty: 'oct', k: 'AA', kid: 'secret' }, ...keys]), ({ post }) => {
    truthy(jweHeader(post).kid !== 'unusable', 'the key that can be used')
  }, { ours: true })
  await refused('direct_post_jwt_no_usable_key', withKeys(() => [unusable]), { settings: { ours: true } })
  await refused('direct_post_jwt_key_for_signing', withKeys(([key]) => [{ ...key, use: 'sig' }]), { settings: { ours: true } })
  await refused('direct_post_jwt_no_usable_enc', { encs: ['A192CBC-HS384'] }, { settings: { ours: true } })

  // More of the query language (OpenID4VP 6); the libraries' wallet shows all claims of a query, and no sets.

  const query = (change, id = 'pid') => ({ ...pidQuery().credentials[0], id, ...change })
  await answered('query_with_matching_values', {
    dcql_query: { credentials: [query({ claims: [{ path: ['family_name'], values: ['Traoré', CLAIMS.family_name] }] })] },
  }, ({ result }) => equal(result.credentials, { pid: { family_name: CLAIMS.family_name } }, 'claims'))
  await answered('claim_sets_preferred_first', {
    dcql_query: {
      credentials: [query({
        claims: [{ id: 'e', path: ['email'] }, { id: 'b', path: ['birthdate'] }, { id: 'f', path: ['family_name'] }],
        claim_sets: [['e', 'b'], ['b'], ['f']],
      })],
    },
  }, ({ result }) => equal(result.credentials, { pid: { birthdate: CLAIMS.birthdate } }, 'claims'), { ours: true })
  await answered('credential_sets_first_that_is_held', {
    dcql_query: {
      credentials: [query({ meta: { vct_values: ['urn:example:other:1'] } }, 'other'), query({ claims: [{ path: ['birthdate'] }] })],
      credential_sets: [{ options: [['other'], ['pid']] }],
    },
  }, ({ result }) => equal(result.credentials, { pid: { birthdate: CLAIMS.birthdate } }, 'claims'), { ours: true })
  await refused('credential_sets_required_not_held', {
    dcql_query: {
      credentials: [query({ meta: { vct_values: ['urn:example:other:1'] } }, 'other'), query()],
      credential_sets: [{ options: [['other']] }, { options: [['pid']] }],
    },
  })

  // Who asks

  await refused('unsigned_request', {
    faults: {
      header: (header) => ({ ...header, alg: 'none' }),
      jwt: (text) => text.slice(0, text.lastIndexOf('.') + 1),
    },
  })
  await refused('request_by_value_in_the_link', {
    faults: { link: (_, { payload }) => `openid4vp://?${new URLSearchParams(Object.entries(payload).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]))}` },
  })
  await refused('hs256', {
    faults: {
      jwt: (text) => {
        const { header, payload } = decodeJws(text)
        return forgeJws({ ...header, alg: 'HS256' }, payload, undefined, { hmac: Buffer.from(header.x5c[0], 'base64') })
      },
    },
  })
  await refused('broken_signature', { faults: { jwt: breakSignature } })
  await refused('signed_by_another', { faults: { jwt: (text) => { const { header, payload } = decodeJws(text); return forgeJws(header, payload, newKey()) } } })
  await refused('without_x5c', { faults: { header: ({ x5c: _, ...header }) => header } })
  await refused('jwk_instead_of_x5c', { faults: { header: ({ x5c: _, ...header }) => ({ ...header, jwk: verifier.signer.key.publicJwk }) } })
  await refused('wrong_typ', { faults: { header: (header) => ({ ...header, typ: 'JWT' }) } })
  await refused('missing_typ', { faults: { header: ({ typ: _, ...header }) => header } })
  await refused('client_id_differs_from_link', { faults: { link: (link) => withClientId(link, 'x509_san_dns:localhost') } })
  await refused('client_id_missing_in_link', { faults: { link: (link) => withClientId(link, undefined) } })
  await refused('client_id_missing_in_request', without('client_id'))

  const clientId = (value) => ({ faults: { payload: (payload) => ({ ...payload, client_id: value }), link: (link) => withClientId(link, value) } })
  await refused('unknown_prefix', clientId('x509_unknown:localhost'))
  await refused('prefix_not_registered', clientId('localhost'))
  await refused('prefix_redirect_uri_signed', () => ({
    faults: {
      payload: (payload) => ({ ...payload, client_id: `redirect_uri:${payload.response_uri}` }),
      link: (link, { payload }) => withClientId(link, `redirect_uri:${payload.response_uri}`),
    },
  }))
  await refused('san_mismatch', clientId('x509_san_dns:other.example'))
  await refused('hash_mismatch', clientId(`x509_hash:${base64url(Buffer.alloc(32, 1))}`))
  await refused('hash_of_another_encoding', clientId(`x509_hash:${Buffer.alloc(32, 1).toString('hex')}`))

  const leaf = (make) => async () => ({ faults: { signer: await make() } })
  for (const prefix of PREFIXES) {
    const leafFor = (make) => async () => ({ prefix, faults: { signer: await make() } })
    await refused(`untrusted_asker_${prefix}`, leafFor(async () => makeLeaf(await makeRoot('A stranger'), 'Judge verifier')))
    await refused(`expired_certificate_${prefix}`, leafFor(() => makeLeaf(verifier.root, 'Judge verifier', { from: -60, to: -1 })))
    await refused(`self_signed_leaf_${prefix}`, leafFor(() => makeLeaf(verifier.root, 'Judge verifier', { selfSigned: true })))
    await judge.case(`another_leaf_of_the_same_root_${prefix}`, async () => {
      // The good twin of the three above.
      const { id, link } = await verifier.ask({ prefix, faults: { signer: await makeLeaf(verifier.root, 'Judge verifier') } })
      const answer = await wallet.answer(link)
      truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
      equal(verifier.requests.get(id).posts.length, 1, 'answers received')
    })
  }
  await refused('untrusted_root_of_same_name', leaf(async () => makeLeaf(await makeRoot(verifier.root.name), 'Judge verifier')))
  await refused('anchor_included', leaf(() => ({ ...verifier.signer, x5c: [...verifier.signer.x5c, verifier.root.base64] })))
  await refused('certificate_not_yet_valid', leaf(() => makeLeaf(verifier.root, 'Judge verifier', { from: 2, to: 60 })))
  await refused('certificate_is_authority', leaf(() => makeLeaf(verifier.root, 'Judge verifier', { ca: true })))
  await refused('certificate_for_tls_only', leaf(() => makeLeaf(verifier.root, 'Judge verifier', { extendedKeyUsage: [SERVER_AUTH] })))
  await refused('certificate_for_credentials_only', leaf(() => makeLeaf(verifier.root, 'Judge verifier', { extendedKeyUsage: [DOCUMENT_SIGNER] })), { settings: { ours: true } })
  await refused('issuer_root_is_no_asker_root', leaf(() => makeLeaf(issuer.root, 'Judge verifier')), { settings: { ours: true } })

  // What is asked

  await refused('redirect_uri_with_direct_post', { faults: { payload: (payload) => ({ ...payload, redirect_uri: `${verifier.origin}/done` }) } })
  await refused('missing_nonce', without('nonce'))
  await refused('empty_nonce', spoil({ nonce: '' }), { settings: { ours: true } })
  await refused('missing_response_uri', without('response_uri'))
  await refused('response_uri_plain_http_elsewhere', spoil({ response_uri: 'http://verifier.example/response' }))
  await refused('response_uri_of_another_host', { prefix: 'x509_san_dns', faults: { payload: (payload) => ({ ...payload, response_uri: payload.response_uri.replace('localhost', '127.0.0.1') }) } })
  await refused('unknown_response_type', spoil({ response_type: 'code' }))
  await refused('unknown_response_mode', spoil({ response_mode: 'fragment' }))
  await refused('missing_query', without('dcql_query'))
  await refused('query_and_scope', spoil({ scope: 'org.example.pid' }), { settings: { ours: true } })
  await refused('malformed_query', spoil({ dcql_query: { credentials: [] } }))
  await refused('query_with_repeated_ids', spoil({ dcql_query: { credentials: [pidQuery().credentials[0], pidQuery().credentials[0]] } }))
  await refused('expired_request', spoil({ iat: nowSeconds() - 2 * DAY, exp: nowSeconds() - DAY }))
  await refused('wrong_audience', spoil({ aud: 'https://other.example' }))
  await refused('unknown_transaction_data_type', { transaction_data: [{ type: 'urn:example:unknown:1', credential_ids: ['pid'], amount: '1.00' }] })
  await refused('malformed_transaction_data', spoil({ transaction_data: ['***'] }))
  await refused('transaction_data_for_unknown_query', { transaction_data: [{ type: 'urn:example:unknown:1', credential_ids: ['other'] }] })

  await refused('query_for_a_type_not_held', { dcql_query: pidQuery(['given_name'], 'urn:example:driving_licence:1') })
  await refused('query_for_a_claim_not_held', { dcql_query: pidQuery(['given_name', 'email']) })
  await refused('query_with_values', {
    dcql_query: { credentials: [{ ...pidQuery([]).credentials[0], claims: [{ path: ['family_name'], values: ['Traoré'] }] }] },
  })

  // How it is sent

  await refused('request_duplicate_member', {
    faults: {
      jwt: (text) => {
        const { header, payload } = decodeJws(text)
        return forgeJws(header, JSON.stringify(payload).replace('{', '{"nonce":"another",'), verifier.signer.key)
      },
    },
  }, { settings: { ours: true } })
  await refused('request_oversized', spoil({ x_padding: 'x'.repeat(8 << 20) }), { settings: { ours: true } })
  await refused('request_not_a_token', { faults: { jwt: () => 'nothing' } })
  await refused('request_uri_plain_http_elsewhere', { faults: { link: (link) => withParameter(link, 'request_uri', 'http://verifier.example/request') } })
  await refused('request_uri_unknown', { faults: { link: (link, { requestUri }) => withParameter(link, 'request_uri', `${requestUri}x`) } })

  await judge.case('verifier_refuses', async () => {
    // The verifier no longer wants the answer: the wallet says so, and does not try again.
    const { id, link } = await verifier.ask()
    const asked = verifier.requests.get(id)
    asked.result = { outcome: 'invalid', reason: 'closed' }
    const answer = await wallet.answer(link)
    truthy(!answer.ok, `answered: ${JSON.stringify(answer)}`)
    equal(asked.posts.length, 1, 'answers sent')
  })

  await judgeAskers({ aim, judge, issuer, verifier })

  await answered('answer_after_refusals', {})

  await wallet.close()
  await verifier.close()
  await issuer.close()
  judge.finish()
})

function withParameter(link, name, value) {
  const url = new URL(link)
  if (value === undefined) url.searchParams.delete(name)
  else url.searchParams.set(name, value)
  return url.href
}

function withClientId(link, value) {
  return withParameter(link, 'client_id', value)
}
