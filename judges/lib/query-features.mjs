// The query language and transaction data, from the wallet's side (OpenID4VP 1.0, sections 6, 8.4 and B.3.3).
//
// Each case sends the answers that must be refused first, each with its exact code, and then the good one to the same
// request, which must be valid: so every refusal has its twin.

import { DcqlQuery } from 'dcql'
import { authorityKeyId } from './certs.mjs'
import { equal, truthy } from './cases.mjs'
import { postForm } from './http.mjs'
import { base64url, decodeJws, random, sha256 } from './keys.mjs'
import { PERSON } from './parties.mjs'
import { present, split, withoutBinding } from './sdjwt.mjs'

const PID = 'urn:eudi:pid:1'
const DIPLOMA = { degree: 'Master of Engineering', field_of_study: 'Hydrology', institution: 'University of Kindi', awarded_on: '2015-07-01' }

export async function judgeQueries({ aim, judge, issuer, verifier, wallet, held, person }) {
  if (aim.self) return
  const offer = async (options) => wallet.accept((await issuer.offer({ person, txCode: false, ...options })).link)
  const second = await offer({})
  const diploma = await offer({ type: 'diploma', claims: DIPLOMA })

  const query = (change = {}, id = 'pid', vct = PID) => ({ id, format: 'dc+sd-jwt', meta: { vct_values: [vct] }, ...change })
  const claims = (...paths) => paths.map((path) => ({ path }))
  const ask = async (dcql_query, more = {}) => {
    DcqlQuery.validate(DcqlQuery.parse(dcql_query))
    const { id, link } = await verifier.ask({ dcql_query, ...more })
    return { id, request: await wallet.request_object(link) }
  }
  const bound = ({ payload }, frame, entry = held, more = {}) =>
    present(entry.credential, frame, { nonce: payload.nonce, aud: payload.client_id, more }, entry.holder)
  const post = ({ payload }, token) =>
    postForm(payload.response_uri, { vp_token: JSON.stringify(token), ...(payload.state === undefined ? {} : { state: payload.state }) })

  /** `bad` is a list of `[code, token(request)]`, `good(request)` a token, `lists` the claims that must come of it. */
  const asks = (name, dcql_query, { good, bad = [], lists = () => {}, more }) =>
    judge.case(name, async () => {
      const { id, request } = await ask(dcql_query, typeof more === 'function' ? more() : more)
      for (const [code, make] of bad) {
        const answer = await post(request, await make(request))
        equal([answer.status, answer.json?.code], [400, code], `refusal (${answer.text.slice(0, 200)})`)
        truthy((await verifier.outcome(id)).result?.outcome !== 'valid', 'outcome is valid')
      }
      const answer = await post(request, await good(request))
      equal(answer.status, 200, `status of the good twin (${answer.text.slice(0, 200)})`)
      const { state, result } = await verifier.outcome(id)
      equal([state, result?.outcome, result?.reason ?? null], ['answered', 'valid', null], 'state, outcome, reason')
      await lists(result.lists, result)
    }, { ours: true })
  const one = (frame, entry) => async (request) => ({ pid: [await bound(request, frame, entry)] })

  // Claims

  await asks('query_values', { credentials: [query({ claims: [{ path: ['family_name'], values: ['Traoré', PERSON.family_name] }] })] }, {
    bad: [['claim_missing', one([])]],
    good: one(['family_name']),
    lists: ({ pid }) => equal(pid[0].family_name, PERSON.family_name, 'family name'),
  })
  await judge.case('query_values_not_met', async () => {
    const { id, request } = await ask({ credentials: [query({ claims: [{ path: ['family_name'], values: ['Traoré'] }] })] })
    const answer = await post(request, await one(['family_name'])(request))
    equal([answer.status, answer.json?.code], [400, 'value_not_asked'], 'refusal')
    truthy((await verifier.outcome(id)).result?.outcome !== 'valid', 'outcome is valid')
  }, { ours: true })
  await asks('query_nested_path', { credentials: [query({ claims: claims(['place_of_birth', 'locality']) })] }, {
    bad: [['claim_missing', one(['birthdate'])]],
    good: one({ place_of_birth: { locality: true } }),
    lists: ({ pid }) => equal(pid[0].place_of_birth, PERSON.place_of_birth, 'place of birth'),
  })
  await asks('query_index_path', { credentials: [query({ claims: claims(['nationalities', 0]) })] }, {
    bad: [['claim_missing', one([])]],
    good: one({ nationalities: true }),
    lists: ({ pid }) => equal(pid[0].nationalities, PERSON.nationalities, 'nationalities'),
  })
  await asks('query_null_path', { credentials: [query({ claims: [{ path: ['nationalities', null], values: PERSON.nationalities }] })] }, {
    bad: [['claim_missing', one([])]],
    good: one({ nationalities: true }),
    lists: ({ pid }) => equal(pid[0].nationalities, PERSON.nationalities, 'nationalities'),
  })
  const sets = {
    claims: [{ id: 'e', path: ['email'] }, { id: 'b', path: ['birthdate'] }, { id: 'f', path: ['family_name'] }, { id: 'g', path: ['given_name'] }],
    claim_sets: [['e'], ['b'], ['f', 'g']],
  }
  await asks('query_claim_sets_second', { credentials: [query(sets)] }, {
    bad: [['claim_missing', one(['family_name'])]],
    good: one(['birthdate']),
    lists: ({ pid }) => equal(pid[0].birthdate, PERSON.birthdate, 'date of birth'),
  })
  await asks('query_claim_sets_third', { credentials: [query(sets)] }, {
    good: one(['family_name', 'given_name']),
    lists: ({ pid }) => equal([pid[0].family_name, pid[0].birthdate], [PERSON.family_name, undefined], 'claims'),
  })
  await asks('query_without_claims', { credentials: [query()] }, {
    good: one([]),
    lists: ({ pid }) => equal(pid[0].family_name, undefined, 'nothing selectively disclosable'),
  })
  await asks('query_with_several_types', { credentials: [query({ meta: { vct_values: ['urn:example:other:1', PID] }, claims: claims(['birthdate']) })] }, {
    bad: [['vct_not_asked', one([], diploma)]],
    good: one(['birthdate']),
  })

  // Credentials

  const vct = diploma.payload.vct
  const two = [query({ claims: claims(['birthdate']) }), query({ claims: claims(['degree']) }, 'diploma', vct)]
  const both = async (request) => ({ pid: [await bound(request, ['birthdate'])], diploma: [await bound(request, ['degree'], diploma)] })
  await asks('two_credentials', { credentials: two }, {
    bad: [
      ['credential_missing', one(['birthdate'])],
      ['vct_not_asked', async (request) => ({ pid: [await bound(request, [], diploma)], diploma: [await bound(request, ['birthdate'])] })],
    ],
    good: both,
    lists: (lists) => equal([lists.pid[0].birthdate, lists.diploma[0].degree], [PERSON.birthdate, DIPLOMA.degree], 'claims'),
  })
  await judge.case('two_credentials_encrypted', async () => {
    const { id, request } = await ask({ credentials: two }, { response_mode: 'direct_post.jwt' })
    const { status, text } = await wallet.submit(request, await both(request))
    equal(status, 200, `status (${text.slice(0, 200)})`)
    equal((await verifier.outcome(id)).result.outcome, 'valid', 'outcome')
  }, { ours: true })
  await asks('credential_sets_second_option', { credentials: two, credential_sets: [{ options: [['diploma', 'pid'], ['pid']] }] }, {
    bad: [['credential_missing', async (request) => ({ diploma: [await bound(request, ['degree'], diploma)] })]],
    good: one(['birthdate']),
    lists: (lists) => equal(Object.keys(lists), ['pid'], 'answered'),
  })
  await asks('credential_sets_optional', { credentials: two, credential_sets: [{ options: [['pid']] }, { options: [['diploma']], required: false }] }, {
    bad: [['credential_missing', async (request) => ({ diploma: [await bound(request, ['degree'], diploma)] })]],
    good: one(['birthdate']),
  })
  await asks('credential_sets_optional_answered', { credentials: two, credential_sets: [{ options: [['pid']] }, { options: [['diploma']], required: false }] }, {
    good: both,
    lists: (lists) => equal(Object.keys(lists).sort(), ['diploma', 'pid'], 'answered'),
  })
  await asks('multiple', { credentials: [query({ multiple: true, claims: claims(['birthdate']) })] }, {
    good: async (request) => ({ pid: [await bound(request, ['birthdate']), await bound(request, ['birthdate'], second)] }),
    lists: ({ pid }) => equal(pid.map((entry) => entry.birthdate), [PERSON.birthdate, PERSON.birthdate], 'claims'),
  })
  await asks('multiple_with_one_bad', { credentials: [query({ multiple: true, claims: claims(['birthdate']) })] }, {
    bad: [
      ['claim_missing', async (request) => ({ pid: [await bound(request, ['birthdate']), await bound(request, [], second)] })],
      ['nonce', async (request) => ({ pid: [await bound(request, ['birthdate']), await bound({ payload: { ...request.payload, nonce: random() } }, ['birthdate'], second)] })],
    ],
    good: one(['birthdate']),
  })

  // Authorities and binding

  const aki = authorityKeyId(decodeJws(split(held.credential).jwt).header.x5c.at(-1))
  const authorities = (...values) => ({ trusted_authorities: [{ type: 'aki', values }], claims: claims(['birthdate']) })
  await asks('trusted_authority', { credentials: [query(authorities(base64url(Buffer.alloc(20, 1)), aki))] }, { good: one(['birthdate']) })
  await judge.case('trusted_authority_another', async () => {
    const { id, request } = await ask({ credentials: [query(authorities(base64url(Buffer.alloc(20, 1))))] })
    const answer = await post(request, await one(['birthdate'])(request))
    equal([answer.status, answer.json?.code], [400, 'authority_not_asked'], 'refusal')
    truthy((await verifier.outcome(id)).result?.outcome !== 'valid', 'outcome is valid')
  }, { ours: true })
  await asks('without_holder_binding', { credentials: [query({ require_cryptographic_holder_binding: false, claims: claims(['birthdate']) })] }, {
    bad: [['claim_missing', async (request) => ({ pid: [withoutBinding(await bound(request, []))] })]],
    good: async (request) => ({ pid: [withoutBinding(await bound(request, ['birthdate']))] }),
    lists: ({ pid }) => equal(pid[0].birthdate, PERSON.birthdate, 'date of birth'),
  })
  await asks('holder_binding_not_asked_and_given', { credentials: [query({ require_cryptographic_holder_binding: false, claims: claims(['birthdate']) })] }, {
    good: one(['birthdate']),
  })
  await asks('holder_binding_asked', { credentials: [query({ require_cryptographic_holder_binding: true, claims: claims(['birthdate']) })] }, {
    bad: [['key_binding_missing', async (request) => ({ pid: [withoutBinding(await bound(request, ['birthdate']))] })]],
    good: one(['birthdate']),
  })

  // Transaction data

  const agreed = { text: 'I agree to open an account.' }
  const transaction_data = () => ({ transaction_data: [{ type: `${aim.service}/types/agreement/1`, credential_ids: ['pid'], payload: agreed }] })
  const hashes = (...texts) => ({ transaction_data_hashes: texts.map((text) => sha256(text).toString('base64url')), transaction_data_hashes_alg: 'sha-256' })
  const hashed = (more) => async (request) => ({ pid: [await bound(request, ['birthdate'], held, more(request.payload.transaction_data))] })
  await asks('transaction_data', { credentials: [query({ claims: claims(['birthdate']) })] }, {
    more: transaction_data,
    bad: [
      ['transaction_data_not_approved', hashed(() => ({}))],
      ['transaction_data_hashes', hashed(() => hashes('another'))],
      ['transaction_data_hashes', hashed(([text]) => hashes(text, 'another'))],
      // Over the text as it was sent, never over what it encodes (B.3.3.1).
      ['transaction_data_hashes', hashed(([text]) => hashes(Buffer.from(text, 'base64url')))],
      ['transaction_data_hashes_alg', hashed(([text]) => ({ ...hashes(text), transaction_data_hashes_alg: 'sha-1' }))],
    ],
    good: hashed(([text]) => hashes(text)),
    lists: (_, { approved }) => equal(approved.length, 1, 'approved'),
  })
  await judge.case('transaction_data_by_library', async () => {
    const { id, request } = await ask({ credentials: [query({ claims: claims(['birthdate']) })] }, transaction_data())
    const [text] = request.payload.transaction_data
    const { type, credential_ids, payload } = JSON.parse(Buffer.from(text, 'base64url'))
    equal([type, credential_ids, payload], [`${aim.service}/types/agreement/1`, ['pid'], agreed], 'transaction data')
    const { status } = await wallet.submit(request, await wallet.vpToken(request))
    equal(status, 200, 'status')
    equal((await verifier.outcome(id)).result.outcome, 'valid', 'outcome')
  }, { ours: true })
  await asks('transaction_data_not_asked', { credentials: [query({ claims: claims(['birthdate']) })] }, {
    bad: [['transaction_data_hashes', hashed(() => hashes('something'))]],
    good: one(['birthdate']),
  })

  // Error responses (OpenID4VP 8.5)

  for (const error of ['access_denied', 'vp_formats_not_supported', 'invalid_transaction_data', 'wallet_unavailable']) {
    await judge.case(`error_${error}`, async () => {
      const { id, request } = await ask({ credentials: [query()] })
      const { response_uri, state } = request.payload
      equal((await postForm(response_uri, { error, error_description: 'judged', ...(state ? { state } : {}) })).status, 200, 'status')
      const outcome = await verifier.outcome(id)
      equal([outcome.result?.outcome === 'valid', outcome.declined?.error], [false, error], 'not valid, and what the wallet said')
      equal((await post(request, await one([])(request))).status, 200, 'the person may think again')
      equal((await verifier.outcome(id)).result.outcome, 'valid', 'outcome')
    }, { ours: true })
  }
  await judge.case('error_and_token', async () => {
    const { id, request } = await ask({ credentials: [query()] })
    const { response_uri, state } = request.payload
    const vp_token = JSON.stringify(await one([])(request))
    const answer = await postForm(response_uri, { error: 'access_denied', vp_token, ...(state ? { state } : {}) })
    equal(answer.status, 400, 'status')
    equal((await postForm(response_uri, { vp_token, ...(state ? { state } : {}) })).status, 200, 'the good twin')
    equal((await verifier.outcome(id)).result.outcome, 'valid', 'outcome')
  }, { ours: true })
}
