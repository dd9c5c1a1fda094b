// The libraries as verifier (OpenID4VP 1.0, signed request by request_uri, direct_post and direct_post.jwt), on a
// loopback port.
//
// `ask` takes `faults`:
//   payload(p), header(h): change the request object before it is signed;  jwt(text): change it after
//   signer: another `{ key, x5c }`;  link(url): change the link;  sendJwt: false sends the parameters in the link

import { DcqlPresentationResult, DcqlQuery } from 'dcql'
import { Openid4vpVerifier } from '@openid4vc/openid4vp'
import { compactDecrypt } from 'jose'
import { authorityKeyId, makeLeaf, makeRoot } from './certs.mjs'
import { serve } from './http.mjs'
import { base64url, decodeJws, forgeJws, newKey, nowSeconds, random, sha256 } from './keys.mjs'
import { callbacks } from './oid4vc.mjs'
import { split, verifyCredential } from './sdjwt.mjs'

const AUDIENCE = 'https://self-issued.me/v2'
const EXPIRES_SECONDS = 300

export function pidQuery(names = ['given_name', 'family_name'], vct = 'urn:eudi:pid:1') {
  return {
    credentials: [{ id: 'pid', format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims: names.map((name) => ({ path: [name] })) }],
  }
}

/** A transaction data type: agreement to a text. */
function agreement(type) {
  return {
    type,
    schema: { additionalProperties: false, required: ['text'], properties: { text: { type: 'string' } } },
    claims: [{ path: ['payload', 'text'], display: [{ locale: 'en', label: 'Text' }] }],
    ui_labels: { transaction_title: [{ locale: 'en', value: 'Agree to a text' }] },
  }
}

export async function startVerifier({ issuerAnchors = [] } = {}) {
  const root = await makeRoot('Judges of presentation')
  const signer = await makeLeaf(root, 'Judge verifier')
  const keys = [signer.key]
  const encryptionKeys = new Map() // kid -> key, one a request
  const decryptJwe = async (text) => {
    const { kid } = JSON.parse(Buffer.from(text.split('.')[0], 'base64url').toString())
    const key = encryptionKeys.get(kid)
    if (!key) return { decrypted: false }
    const { plaintext } = await compactDecrypt(text, key.keyObject)
    return { decrypted: true, payload: Buffer.from(plaintext).toString(), decryptionJwk: { ...key.publicJwk, kid, alg: 'ECDH-ES', use: 'enc' } }
  }
  const hooks = { ...callbacks({ keys, anchors: [root.pem] }), decryptJwe }
  const vp = new Openid4vpVerifier({ callbacks: hooks })
  const requests = new Map()

  const requestObject = async ({ request, match, text }) => {
    const asked = requests.get(match[1])
    if (!asked) return { status: 404 }
    asked.fetched += 1
    if (request.method === 'POST') {
      const walletNonce = new URLSearchParams(text).get('wallet_nonce')
      if (walletNonce) asked.walletNonce = walletNonce
    }
    return { headers: { 'Content-Type': 'application/oauth-authz-req+jwt', 'Cache-Control': 'no-store' }, body: await asked.jwt() }
  }

  const response = async ({ match, text }) => {
    const asked = requests.get(match[1])
    const fields = Object.fromEntries(new URLSearchParams(text))
    asked.posts.push(fields)
    if (asked.result) return { status: 400, body: { error: 'invalid_request' } }
    if (fields.error !== undefined) {
      asked.result = { outcome: 'invalid', reason: fields.error, credentials: {} }
      return { body: {} }
    }
    try {
      asked.result = { outcome: 'valid', reason: null, ...(await verify(asked, fields)) }
    } catch (error) {
      if (process.env.JUDGE_VERBOSE) console.error(error)
      asked.result = { outcome: 'invalid', reason: error.message, credentials: {} }
      return { status: 400, body: { error: 'invalid_request', error_description: error.message } }
    }
    if (asked.device !== 'same') return { body: {} }
    asked.responseCode = random()
    return { body: { redirect_uri: `${server.origin}/done#response_code=${asked.responseCode}` } }
  }

  const verify = async (asked, fields) => {
    const { payload } = asked
    const parsed = await vp.parseOpenid4vpAuthorizationResponse({ authorizationResponse: fields, authorizationRequestPayload: payload, callbacks: hooks })
    const credentials = {}
    const judged = {}
    const lists = {}
    for (const [id, presentations] of Object.entries(parsed.dcql.presentations)) {
      const query = payload.dcql_query.credentials.find((entry) => entry.id === id)
      if (presentations.length !== 1 && !query?.multiple) throw new Error('one presentation is expected')
      judged[id] = []
      lists[id] = []
      for (const text of presentations) {
        const unbound = split(text).keyBinding === ''
        if (unbound && query.require_cryptographic_holder_binding !== false) throw new Error('key_binding_missing')
        const binding = unbound ? undefined : { nonce: payload.nonce, aud: payload.client_id }
        const verified = await verifyCredential(text, issuerAnchors, { binding })
        const [...chain] = decodeJws(split(text).jwt).header.x5c
        lists[id].push(verified.payload)
        judged[id].push({
          credential_format: 'dc+sd-jwt',
          vct: verified.payload.vct,
          claims: verified.payload,
          cryptographic_holder_binding: !unbound,
          authority: { type: 'aki', values: [authorityKeyId(chain.at(-1))] },
        })
        if (payload.transaction_data) {
          const { transaction_data_hashes = [], transaction_data_hashes_alg } = verified.kb.payload
          await vp.verifyTransactionData({
            transactionData: payload.transaction_data,
            credentials: { [id]: [{ transaction_data_hashes, transaction_data_hashes_alg }] },
          })
        }
      }
      const { disclosures } = split(presentations[0])
      const disclosed = disclosures.map((entry) => JSON.parse(Buffer.from(entry, 'base64url').toString())).filter((entry) => entry.length === 3)
      const names = disclosed.map(([, name]) => name).filter((name) => name in lists[id][0])
      credentials[id] = Object.fromEntries(names.map((name) => [name, lists[id][0][name]]))
    }
    const outcome = DcqlPresentationResult.fromDcqlPresentation(judged, { dcqlQuery: DcqlQuery.parse(payload.dcql_query) })
    if (!outcome.can_be_satisfied) throw new Error('the answer does not meet the query')
    return { credentials, lists }
  }

  const server = await serve([
    ['GET', /^\/request\/([^/]+)$/, requestObject],
    ['POST', /^\/request\/([^/]+)$/, requestObject],
    ['GET', /^\/types\/agreement\/1$/, () => ({ body: agreement(`${server.origin}/types/agreement/1`) })],
    ['POST', /^\/response\/([^/]+)$/, response],
  ])

  return {
    root,
    signer,
    anchors: [root.pem],
    origin: server.origin,
    close: server.close,
    requests,
    /** A new request: `{ id, link }`. With `encs` the answer is to be encrypted, by one of these; `[]` names none. */
    async ask({ dcql_query = pidQuery(), prefix = 'x509_hash', device = 'cross', transaction_data, state = true, encs, faults = {} } = {}) {
      const id = random(16)
      const used = faults.signer ?? signer
      const leaf = Buffer.from(used.x5c[0], 'base64')
      const responseUri = `${server.origin}/response/${id}`
      const clientIds = {
        x509_hash: `x509_hash:${sha256(leaf).toString('base64url')}`,
        x509_san_dns: 'x509_san_dns:localhost',
        redirect_uri: `redirect_uri:${responseUri}`,
      }
      DcqlQuery.validate(DcqlQuery.parse(dcql_query))
      const payload = {
        response_type: 'vp_token',
        response_mode: 'direct_post',
        client_id: clientIds[prefix],
        response_uri: responseUri,
        nonce: random(),
        ...(state ? { state: random() } : {}),
        dcql_query,
        client_metadata: { vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } } },
        ...(transaction_data ? { transaction_data: transaction_data.map((entry) => base64url(entry)) } : {}),
      }
      if (encs) {
        const kid = random(8)
        const key = newKey()
        encryptionKeys.set(kid, key)
        payload.response_mode = 'direct_post.jwt'
        payload.client_metadata.jwks = { keys: [{ ...key.publicJwk, kid, alg: 'ECDH-ES', use: 'enc' }] }
        if (encs.length > 0) payload.client_metadata.encrypted_response_enc_values_supported = encs
      }
      const requestUri = `${server.origin}/request/${id}`
      const created = await vp.createOpenId4vpAuthorizationRequest({
        authorizationRequestPayload: payload,
        // Nobody signs what is named by its own address (OpenID4VP 5.9.3): it goes by value.
        jar: prefix === 'redirect_uri' ? undefined : { requestUri, expiresInSeconds: EXPIRES_SECONDS, jwtSigner: { method: 'x5c', alg: 'ES256', x5c: signer.x5c }, additionalJwtPayload: { aud: AUDIENCE } },
      })
      const asked = { id, payload, device, posts: [], result: null, fetched: 0 }
      const spoiled = faults.payload || faults.header || faults.signer || faults.jwt
      asked.jwt = async () => {
        const walletNonce = asked.walletNonce ? { wallet_nonce: asked.walletNonce } : {}
        if (!spoiled && !asked.walletNonce) return created.jar.authorizationRequestJwt
        const iat = nowSeconds()
        const base = { iat, exp: iat + EXPIRES_SECONDS, aud: AUDIENCE, ...payload, ...walletNonce }
        const text = forgeJws(
          (faults.header ?? ((header) => header))({ alg: 'ES256', typ: 'oauth-authz-req+jwt', x5c: used.x5c }),
          (faults.payload ?? ((same) => same))(base),
          used.key,
        )
        return (faults.jwt ?? ((same) => same))(text)
      }
      requests.set(id, asked)
      const link = (faults.link ?? ((same) => same))(created.authorizationRequest, { requestUri, payload })
      return { id, link }
    },
    async outcome(id) {
      const asked = requests.get(id)
      return { state: asked.result ? 'answered' : 'waiting', result: asked.result }
    },
    async redeem(code) {
      const asked = [...requests.values()].find((entry) => entry.responseCode === code)
      if (!asked || asked.redeemed) return { status: 400, json: {} }
      asked.redeemed = true
      return { status: 200, json: { state: 'answered', result: asked.result } }
    },
  }
}
