// What a verifier may ask of our wallet beyond one flat credential: unsigned requests, `wallet_nonce`, the rest of the
// query language, transaction data (OpenID4VP 1.0, sections 5.9.3, 5.10, 6, 8.4 and B.3.3).

import { agreedCodes, equal, truthy } from './cases.mjs'
import { NESTED } from './card-features.mjs'
import { authorityKeyId } from './certs.mjs'
import { base64url, decodeJws, sha256 } from './keys.mjs'
import { walletParty } from './parties.mjs'
import { split } from './sdjwt.mjs'

const PID = 'urn:eudi:pid:1'
const DIPLOMA = 'urn:example:diploma:1'
const OURS = { ours: true }
/** What a wallet may say instead of an answer (OpenID4VP 8.5). */
const ERRORS = ['access_denied', 'invalid_request', 'invalid_client', 'vp_formats_not_supported', 'invalid_transaction_data', 'invalid_request_uri_method', 'wallet_unavailable']

export async function judgeAskers({ aim, judge, issuer, verifier }) {
  if (aim.self) return
  const codes = agreedCodes('verifier-vs-wallet')
  const wallet = await walletParty(aim, { issuerAnchors: issuer.anchors, askerAnchors: verifier.anchors })
  const take = async (options, faults = {}) => {
    const offer = await issuer.offer(options)
    issuer.faults = faults
    const got = await wallet.accept(offer.link, offer.tx_code)
    issuer.faults = {}
    if (!got.ok) throw new Error(`the wallet did not accept: ${JSON.stringify(got)}`)
  }
  await take({ claims: NESTED.claims }, { frame: NESTED.frame })
  await take({ type: 'diploma', claims: { degree: 'Engineer', given_name: 'Aminata' } })

  const answered = (name, options, check = () => {}, typed) =>
    judge.case(name, async () => {
      const { id, link } = await verifier.ask(options)
      const answer = await wallet.answer(link, typed)
      const asked = verifier.requests.get(id)
      truthy(answer.ok, `refused: ${JSON.stringify(answer)}`)
      equal([asked.posts.length, asked.result?.outcome, asked.result?.reason ?? null], [1, 'valid', null], 'answers, outcome and reason')
      await check({ answer, asked, post: asked.posts[0], lists: asked.result.lists })
    }, OURS)
  const refused = (name, options, typed) =>
    judge.case(name, async () => {
      const { id, link } = await verifier.ask(options)
      const answer = await wallet.answer(link, typed)
      truthy(!answer.ok, `answered: ${JSON.stringify(answer)}`)
      equal(answer.error, codes[name], `code (${answer.detail})`)
      const { posts } = verifier.requests.get(id)
      truthy(posts.every((fields) => fields.vp_token === undefined && fields.response === undefined), 'a presentation was sent')
      for (const { error } of posts) truthy(ERRORS.includes(error), `the error that was sent is ${error}`)
    }, OURS)
  const query = (change = {}, id = 'pid', vct = PID) => ({ id, format: 'dc+sd-jwt', meta: { vct_values: [vct] }, ...change })
  const asking = (...credentials) => ({ dcql_query: { credentials } })
  const claims = (...paths) => paths.map((path) => ({ path }))
  const birthdate = query({ claims: claims(['birthdate']) })
  const disclosed = (text) => split(text).disclosures.map((entry) => JSON.parse(Buffer.from(entry, 'base64url')).slice(1))
  const names = (post, id = 'pid') => disclosed(JSON.parse(post.vp_token)[id][0]).map((entry) => (entry.length === 2 ? entry[0] : '…'))

  // Requests that nobody signed: only a person may answer

  for (const [name, more] of [['', {}], ['_encrypted', { encs: ['A256GCM'] }]]) {
    await answered(`redirect_uri_by_value${name}`, { ...asking(birthdate), prefix: 'redirect_uri', ...more }, ({ lists }) => {
      equal(lists.pid[0].birthdate, NESTED.claims.birthdate, 'date of birth')
    }, 'yes')
  }
  await refused('redirect_uri_unattended', { ...asking(birthdate), prefix: 'redirect_uri' })
  await refused('redirect_uri_person_says_no', { ...asking(birthdate), prefix: 'redirect_uri' }, 'no')
  await refused('redirect_uri_of_another_address', {
    ...asking(birthdate),
    prefix: 'redirect_uri',
    faults: { link: (link) => withParameter(link, 'client_id', 'redirect_uri:http://localhost:1/elsewhere') },
  }, 'yes')
  await refused('signed_and_person_says_no', asking(birthdate), 'no')

  // wallet_nonce

  const posting = (payload = (same) => same) => ({ ...asking(birthdate), faults: { link: (link) => `${link}&request_uri_method=post`, payload } })
  await answered('wallet_nonce', posting(), ({ asked }) => truthy(asked.walletNonce?.length >= 22, 'a wallet_nonce of 128 bits'))
  await refused('wallet_nonce_missing', posting(({ wallet_nonce: _, ...payload }) => payload))
  await refused('wallet_nonce_another', posting((payload) => ({ ...payload, wallet_nonce: 'another' })))
  await refused('request_uri_method_unknown', { ...asking(birthdate), faults: { link: (link) => `${link}&request_uri_method=put` } })

  // The query language

  await answered('query_nested_path', asking(query({ claims: claims(['place_of_birth', 'locality']) })), ({ post, lists }) => {
    equal(lists.pid[0].place_of_birth, { locality: 'Kindi' }, 'place of birth, and not the country')
    equal(names(post).sort(), ['locality', 'place_of_birth'], 'disclosures')
  })
  await answered('query_index_path', asking(query({ claims: claims(['nationalities', 1]) })), ({ post, lists }) => {
    equal([lists.pid[0].nationalities, names(post).length], [['XX'], 2], 'one of two nationalities')
  })
  await answered('query_null_path', asking(query({ claims: claims(['nationalities', null]) })), ({ lists }) => {
    equal(lists.pid[0].nationalities, NESTED.claims.nationalities, 'both nationalities')
  })
  await refused('query_index_path_beyond', asking(query({ claims: claims(['nationalities', 2]) })))
  await refused('query_path_into_a_text', asking(query({ claims: claims(['birthdate', 'year']) })))
  await refused('query_null_path_values_not_held', asking(query({ claims: [{ path: ['nationalities', null], values: ['YY'] }] })))
  await refused('query_empty_path', { faults: { payload: (payload) => ({ ...payload, ...asking(query({ claims: claims([]) })) }) } })

  const degree = query({ claims: claims(['degree']) }, 'diploma', DIPLOMA)
  await answered('two_credentials', asking(birthdate, degree), ({ lists }) => {
    equal([lists.pid[0].birthdate, lists.diploma[0].degree], [NESTED.claims.birthdate, 'Engineer'], 'claims')
  })
  await answered('two_credentials_encrypted', { ...asking(birthdate, degree), encs: ['A128GCM'] }, ({ lists }) => {
    equal(Object.keys(lists).sort(), ['diploma', 'pid'], 'answered')
  })
  await refused('two_credentials_one_not_held', asking(birthdate, query({}, 'other', 'urn:example:other:1')))
  await answered('multiple', asking({ ...birthdate, multiple: true }), ({ lists }) => equal(lists.pid.length, 1, 'all that are held'))

  const kept = await verifier.ask(asking(birthdate))
  await wallet.answer(kept.link)
  const [own] = JSON.parse(verifier.requests.get(kept.id).posts[0].vp_token).pid
  const aki = authorityKeyId(decodeJws(split(own).jwt).header.x5c.at(-1))
  const authority = (...values) => asking({ ...birthdate, trusted_authorities: [{ type: 'aki', values }] })
  await answered('trusted_authority', authority(base64url(Buffer.alloc(20, 1)), aki))
  await refused('trusted_authority_another', authority(base64url(Buffer.alloc(20, 1))))

  await answered('without_holder_binding', asking({ ...birthdate, require_cryptographic_holder_binding: false }), ({ lists }) => {
    equal(lists.pid[0].birthdate, NESTED.claims.birthdate, 'date of birth')
  })
  await answered('with_holder_binding', asking({ ...birthdate, require_cryptographic_holder_binding: true }), ({ post }) => {
    truthy(split(JSON.parse(post.vp_token).pid[0]).keyBinding !== '', 'a key-binding token')
  })

  // Transaction data

  const type = `${verifier.origin}/types/agreement/1`
  const agreeing = (payload, more = {}) => ({ ...asking(birthdate), transaction_data: [{ type, credential_ids: ['pid'], payload, ...more }] })
  await answered('transaction_data', agreeing({ text: 'I agree.' }), ({ post, asked }) => {
    const { payload } = decodeJws(split(JSON.parse(post.vp_token).pid[0]).keyBinding)
    const [text] = asked.payload.transaction_data
    equal(payload.transaction_data_hashes, [sha256(text).toString('base64url')], 'hashes, over the text as it was sent')
  })
  await answered('transaction_data_encrypted', { ...agreeing({ text: 'I agree.' }), encs: ['A256GCM'] })
  await refused('transaction_data_outside_its_schema', agreeing({ text: 'I agree.', hidden: 1 }))
  await refused('transaction_data_type_not_published', agreeing({ text: 'I agree.' }, { type: `${verifier.origin}/types/other/1` }))
  await refused('transaction_data_hash_unknown', agreeing({ text: 'I agree.' }, { transaction_data_hashes_alg: ['sha-1'] }))
  await refused('transaction_data_unsigned', { ...agreeing({ text: 'I agree.' }), prefix: 'redirect_uri' }, 'yes')
  await refused('transaction_data_without_holder_binding', {
    ...agreeing({ text: 'I agree.' }),
    ...asking({ ...birthdate, require_cryptographic_holder_binding: false }),
  })

  await answered('answer_after_these', asking(birthdate))
  await wallet.close()
}

function withParameter(link, name, value) {
  const url = new URL(link)
  url.searchParams.set(name, value)
  return url.href
}
