// The libraries as wallet.
//
// Each step is its own function, so that a test can stop between two of them and go wrong on purpose.
// `accept` and `answer` run all steps with all the checks a wallet owes (used when the libraries are judged among themselves).

import { preAuthorizedCodeGrantIdentifier } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { DcqlQuery } from 'dcql'
import { call } from './http.mjs'
import { decodeJws, newKey, nowSeconds, sha256 } from './keys.mjs'
import { callbacks } from './oid4vc.mjs'
import { present, verifyCredential } from './sdjwt.mjs'

export class NpmWallet {
  constructor({ issuerAnchors = [], askerAnchors = [], transactionTypes = [] } = {}) {
    this.issuerAnchors = issuerAnchors
    this.askerAnchors = askerAnchors
    this.transactionTypes = transactionTypes
    this.credentials = []
    this.keys = []
  }

  get vci() {
    return new Openid4vciClient({ callbacks: callbacks({ keys: this.keys, anchors: this.issuerAnchors }) })
  }

  get vp() {
    return new Openid4vpClient({ callbacks: callbacks({ keys: this.keys, anchors: this.askerAnchors }) })
  }

  newKey(alg) {
    const key = newKey(alg)
    this.keys.push(key)
    return key
  }

  // OpenID4VCI

  /** Offer and metadata, both validated by the library. */
  async resolve(link) {
    const credentialOffer = await this.vci.resolveCredentialOffer(link)
    const issuerMetadata = await this.vci.resolveIssuerMetadata(credentialOffer.credential_issuer)
    return { credentialOffer, issuerMetadata, configurationId: credentialOffer.credential_configuration_ids[0] }
  }

  /** The access token. */
  async token({ credentialOffer, issuerMetadata }, txCode) {
    const { accessTokenResponse } = await this.vci.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode: txCode ?? undefined })
    return accessTokenResponse.access_token
  }

  async nonce({ issuerMetadata }) {
    return (await this.vci.requestNonce({ issuerMetadata })).c_nonce
  }

  async proof({ issuerMetadata, configurationId }, { key, nonce, issuedAt }) {
    const { jwt } = await this.vci.createCredentialRequestJwtProof({
      issuerMetadata,
      credentialConfigurationId: configurationId,
      nonce,
      issuedAt,
      signer: { method: 'jwk', alg: key.alg, publicJwk: key.publicJwk },
    })
    return jwt
  }

  /** The credentials as texts. */
  async request({ issuerMetadata, configurationId }, accessToken, proofs) {
    const { credentialResponse } = await this.vci.retrieveCredentials({
      issuerMetadata,
      accessToken,
      credentialConfigurationId: configurationId,
      proofs: { jwt: proofs },
    })
    return credentialResponse.credentials.map((entry) => entry.credential)
  }

  /** The whole of issuance: `{ credential, holder, session }`, stored if every check passes. */
  async accept(link, { txCode } = {}) {
    const session = await this.resolve(link)
    const accessToken = await this.token(session, txCode)
    const holder = this.newKey()
    let credentials
    for (let attempt = 0; ; attempt += 1) {
      const proof = await this.proof(session, { key: holder, nonce: await this.nonce(session) })
      try {
        credentials = await this.request(session, accessToken, [proof])
        break
      } catch (error) {
        const code = error.response?.credentialErrorResponseResult?.data?.error
        if (code !== 'invalid_nonce' || attempt > 0) throw error
      }
    }
    const [credential] = credentials
    const { payload } = await verifyCredential(credential, this.issuerAnchors)
    const { jwk } = payload.cnf ?? {}
    if (jwk?.x !== holder.publicJwk.x || jwk?.y !== holder.publicJwk.y) throw new Error('cnf is another key')
    const configuration = session.issuerMetadata.credentialIssuer.credential_configurations_supported[session.configurationId]
    if (payload.vct !== configuration.vct) throw new Error('vct is not the one offered')
    const entry = { credential, holder, session, payload }
    this.credentials.push(entry)
    return entry
  }

  // OpenID4VP

  /** The request behind a link, verified by the library and by the checks that it leaves to its caller. */
  async request_object(link) {
    const { params } = this.vp.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link })
    const resolved = await this.vp.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params })
    return { ...resolved, link: params, payload: resolved.authorizationRequestPayload }
  }

  /** Checks that 0.4.6 does not make. */
  checkRequest({ payload, jar, client }) {
    if (!jar) throw new Error('the request is not signed')
    if (!['x509_san_dns', 'x509_hash'].includes(client.prefix)) throw new Error('prefix not supported')
    if (payload.redirect_uri !== undefined) throw new Error('redirect_uri with direct_post')
    if (!['direct_post', 'direct_post.jwt'].includes(payload.response_mode)) throw new Error('response mode not supported')
    if (jar.jwt.payload.exp !== undefined && jar.jwt.payload.exp < nowSeconds()) throw new Error('request expired')
    if (jar.jwt.payload.aud !== undefined && jar.jwt.payload.aud !== 'https://self-issued.me/v2') throw new Error('aud is wrong')
    for (const entry of payload.transaction_data ?? []) {
      const { type } = JSON.parse(Buffer.from(entry, 'base64url').toString('utf8'))
      if (!this.transactionTypes.includes(type)) throw new Error(`unknown transaction data type ${type}`)
    }
  }

  /** Names of claims to disclose for each credential query, by `dcql`. */
  match(query) {
    const parsed = DcqlQuery.parse(query)
    DcqlQuery.validate(parsed)
    const candidates = this.credentials.map(({ payload }) => ({
      credential_format: 'dc+sd-jwt',
      vct: payload.vct,
      claims: payload,
      cryptographic_holder_binding: true,
    }))
    const result = DcqlQuery.query(parsed, candidates)
    if (!result.can_be_satisfied) throw new Error('the query cannot be met')
    return parsed.credentials.map((entry) => ({
      id: entry.id,
      entry: this.credentials[result.credential_matches[entry.id].valid_credentials[0].input_credential_index],
      names: (entry.claims ?? []).map((claim) => claim.path[0]),
    }))
  }

  /** A vp_token for `request`, bound as it asks. */
  async vpToken({ payload }, matches = this.match(payload.dcql_query)) {
    const hashes = payload.transaction_data?.map((entry) => sha256(entry).toString('base64url'))
    const more = hashes ? { transaction_data_hashes: hashes, transaction_data_hashes_alg: 'sha-256' } : {}
    const token = {}
    for (const { id, entry, names } of matches) {
      token[id] = [await present(entry.credential, names, { nonce: payload.nonce, aud: payload.client_id, more }, entry.holder)]
    }
    return token
  }

  /** Sends a vp_token and returns `{ status, json }`. */
  async submit(request, vpToken, enc = 'A256GCM') {
    const { authorizationResponsePayload, jarm } = await this.vp.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: request.payload,
      authorizationResponsePayload: { vp_token: vpToken },
      ...(request.payload.response_mode === 'direct_post.jwt' ? { jarm: { encryption: {}, serverMetadata: encryptions(enc) } } : {}),
    })
    const { response } = await this.vp.submitOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: request.payload,
      authorizationResponsePayload,
      ...(jarm ? { jarm: { responseJwt: jarm.responseJwt } } : {}),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) }
  }

  async answer(link, enc) {
    const request = await this.request_object(link)
    this.checkRequest(request)
    return this.submit(request, await this.vpToken(request), enc)
  }
}

/** What the wallet says that it can encrypt by: of all that there is, one content encryption. */
const encryptions = (enc) => ({
  authorization_encryption_alg_values_supported: ['ECDH-ES'],
  authorization_encryption_enc_values_supported: [enc],
})

/** Code and token endpoint of an offer, for requests that the library would not send. */
export function tokenRequest({ credentialOffer, issuerMetadata }) {
  return {
    url: issuerMetadata.authorizationServers[0].token_endpoint,
    fields: {
      grant_type: preAuthorizedCodeGrantIdentifier,
      'pre-authorized_code': credentialOffer.grants[preAuthorizedCodeGrantIdentifier]['pre-authorized_code'],
    },
  }
}

/** The request object of a link, fetched again without the library. */
export async function fetchRequestObject(link) {
  const url = new URL(link)
  const response = await call(url.searchParams.get('request_uri'), { headers: { Accept: 'application/oauth-authz-req+jwt' } })
  return { ...response, ...(response.status === 200 ? decodeJws(response.text) : {}), clientId: url.searchParams.get('client_id') }
}

