// The libraries as credential issuer and authorization server (OpenID4VCI 1.0), on a loopback port.
//
// Everything a test wants to spoil is a member of `faults`, which may be changed between offers:
//   issuerMetadata(m), serverMetadata(m), offer(o), tokenResponse(t), credentialResponse(r): change the message
//   signer: another `{ key, x5c }` for credentials;  claims(c): change the claims before signing
//   identifiers: true answers with `credential_identifiers`, which must then be used
//   batch: how many proofs are taken (the metadata have to say so);  frame, hashAlg: how claims are disclosed
//   typeDocument: what `/types/judged/1` answers;  typ: another `typ`;  credential(text): change the signed credential;  refuseNonces: how many to refuse

import { Oauth2AuthorizationServer, Oauth2ResourceServer, Oauth2ServerErrorResponseError, preAuthorizedCodeGrantIdentifier } from '@openid4vc/oauth2'
import { Openid4vciIssuer } from '@openid4vc/openid4vci'
import { serve } from './http.mjs'
import { decodeJws, newKey, nowSeconds, random } from './keys.mjs'
import { callbacks } from './oid4vc.mjs'
import { issueCredential, signStatusList } from './sdjwt.mjs'
import { makeLeaf, makeRoot } from './certs.mjs'

export const PID = 'pid'
export const PID_VCT = 'urn:eudi:pid:1'
const DIPLOMA = 'diploma'
const DIPLOMA_VCT = 'urn:example:diploma:1'
const IAT_WINDOW_SECONDS = 300
const TX_CODE_TRIES_MAX = 3
const STATUS_ENTRIES = 4096

const display = [
  { name: 'Identity', locale: 'en', background_color: '#123456', text_color: '#ffffff' },
  { name: 'Identité', locale: 'fr', background_color: '#123456', text_color: '#ffffff' },
]
const claimNames = ['family_name', 'given_name', 'birthdate']

function configuration(vct, scope) {
  return {
    format: 'dc+sd-jwt',
    vct,
    scope,
    cryptographic_binding_methods_supported: ['jwk'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    credential_metadata: { display, claims: claimNames.map((name) => ({ path: [name], mandatory: true })) },
  }
}

export async function startIssuer({ path = '' } = {}) {
  const root = await makeRoot('Judges of issuance')
  const signer = await makeLeaf(root, 'Judge issuer')
  const tokenKey = newKey()
  const hooks = callbacks({ keys: [tokenKey, signer.key], anchors: [root.pem] })
  const vci = new Openid4vciIssuer({ callbacks: hooks })
  const oauth = new Oauth2AuthorizationServer({ callbacks: hooks })
  const resource = new Oauth2ResourceServer({ callbacks: hooks })

  const offers = new Map() // pre-authorized code -> offer
  const published = new Map() // token in the offer's address -> offer object
  const nonces = new Set()
  const issued = []
  const statuses = new Array(STATUS_ENTRIES).fill(0)
  const seen = { nonceRequests: 0, credentialRequests: 0, tokenRequests: 0 }
  const party = { root, signer, anchors: [root.pem], faults: {}, issued, seen, offers }

  const spoil = (name, value) => (party.faults[name] ? party.faults[name](structuredClone(value)) : value)
  const refuse = (status, error, headers = {}) => ({ status, headers, body: { error } })
  const metadata = () => ({
    originalDraftVersion: 'V1',
    credentialIssuer: credentialIssuerMetadata,
    knownCredentialConfigurations: vci.getKnownCredentialConfigurationsSupported(credentialIssuerMetadata),
    authorizationServers: [serverMetadata],
  })

  const token = async ({ request, url, text }) => {
    seen.tokenRequests += 1
    const requestLike = { headers: new Headers(request.headers), method: 'POST', url: url.href }
    try {
      const parsed = oauth.parseAccessTokenRequest({ request: requestLike, accessTokenRequest: Object.fromEntries(new URLSearchParams(text)) })
      const offer = offers.get(parsed.grant.preAuthorizedCode)
      if (!offer || offer.used || offer.tries >= TX_CODE_TRIES_MAX) return refuse(400, 'invalid_grant')
      try {
        await oauth.verifyPreAuthorizedCodeAccessTokenRequest({
          authorizationServerMetadata: serverMetadata,
          grant: parsed.grant,
          accessTokenRequest: parsed.accessTokenRequest,
          request: requestLike,
          expectedPreAuthorizedCode: offer.code,
          expectedTxCode: offer.txCode,
          preAuthorizedCodeExpiresAt: offer.expiresAt,
        })
      } catch (error) {
        if (error.errorResponse?.error === 'invalid_grant') offer.tries += 1
        throw error
      }
      const response = await oauth.createAccessTokenResponse({
        audience: identifier,
        authorizationServer: identifier,
        subject: offer.code,
        expiresInSeconds: 300,
        signer: { method: 'jwk', alg: 'ES256', publicJwk: { ...tokenKey.publicJwk, kid: 'token' } },
        additionalAccessTokenPayload: {},
      })
      const asked = parsed.accessTokenRequest.authorization_details
      const details = asked === undefined ? [] : JSON.parse(asked)
      if (details.some((entry) => entry.type !== 'openid_credential' || entry.credential_configuration_id !== offer.configuration)) {
        return refuse(400, 'invalid_authorization_details')
      }
      if (details.length > 0 || party.faults.identifiers) {
        offer.identifier = `${offer.configuration}.${random(8)}`
        response.authorization_details = [
          { type: 'openid_credential', credential_configuration_id: offer.configuration, credential_identifiers: [offer.identifier] },
        ]
      }
      offer.used = true
      return { headers: { 'Cache-Control': 'no-store' }, body: spoil('tokenResponse', response) }
    } catch (error) {
      if (error instanceof Oauth2ServerErrorResponseError) return { status: 400, body: error.errorResponse }
      throw error
    }
  }

  const signed = async (offer, { kty, crv, x, y }) => {
    const index = issued.length * 7 + 3
    const day = 86_400
    const today = Math.floor(nowSeconds() / day) * day
    const claims = spoil('claims', {
      iss: identifier,
      vct: credentialIssuerMetadata.credential_configurations_supported[offer.configuration].vct,
      iat: today,
      exp: today + 30 * day,
      cnf: { jwk: { kty, crv, x, y } },
      status: { status_list: { idx: index, uri: `${server.origin}/status/1` } },
      ...offer.claims,
    })
    const { frame, typ, hashAlg, credential: change = (same) => same } = party.faults
    const text = await issueCredential(claims, frame ?? Object.keys(offer.claims), party.faults.signer ?? signer, { typ, hashAlg })
    issued.push({ id: `cre_${index}`, index, person: offer.person })
    return change(text)
  }

  const credential = async ({ request, url, text }) => {
    seen.credentialRequests += 1
    const unauthorized = (error) => refuse(401, error ?? 'invalid_request', { 'WWW-Authenticate': error ? `Bearer error="${error}"` : 'Bearer' })
    if (!request.headers.authorization) return unauthorized()
    let subject
    try {
      const verified = await resource.verifyResourceRequest({
        authorizationServers: [serverMetadata],
        request: { headers: new Headers(request.headers), method: 'POST', url: url.href },
        resourceServer: identifier,
        allowedAuthenticationSchemes: ['Bearer'],
      })
      subject = verified.tokenPayload.sub
    } catch {
      return unauthorized('invalid_token')
    }
    const offer = offers.get(subject)
    let parsed
    try {
      const body = JSON.parse(text)
      if (offer.identifier) {
        if (body.credential_configuration_id !== undefined) return refuse(400, 'invalid_credential_request')
        if (body.credential_identifier !== offer.identifier) return refuse(400, 'unknown_credential_identifier')
        delete body.credential_identifier
        body.credential_configuration_id = offer.configuration
      }
      if (body.credential_configuration_id && !credentialIssuerMetadata.credential_configurations_supported[body.credential_configuration_id]) {
        return refuse(400, 'unknown_credential_configuration')
      }
      if (body.credential_identifier && !body.credential_configuration_id) return refuse(400, 'unknown_credential_identifier')
      // To the library an unsigned proof is a malformed request; OpenID4VCI 8.3.1 calls every bad proof `invalid_proof`.
      if (body.proofs?.jwt?.some((proof) => proof.endsWith('.'))) return refuse(400, 'invalid_proof')
      parsed = vci.parseCredentialRequest({ issuerMetadata: metadata(), credentialRequest: body })
      if (!parsed.credentialConfigurationId) return refuse(400, 'invalid_credential_request')
    } catch {
      return refuse(400, 'invalid_credential_request')
    }
    if (parsed.credentialConfigurationId !== offer.configuration) return refuse(400, 'credential_request_denied')
    const proofs = parsed.proofs?.jwt ?? []
    if (proofs.length < 1 || proofs.length > (party.faults.batch ?? 1)) return refuse(400, 'invalid_proof')
    const holders = []
    const used = new Set()
    try {
      for (const proof of proofs) {
        const { header, payload } = decodeJws(proof)
        if (header.jwk?.d) return refuse(400, 'invalid_proof')
        if (!payload.nonce) return refuse(400, 'invalid_proof')
        const verified = await vci.verifyCredentialRequestJwtProof({ issuerMetadata: metadata(), jwt: proof, expectedNonce: payload.nonce })
        if (verified.signer.method !== 'jwk') return refuse(400, 'invalid_proof')
        if (Math.abs(nowSeconds() - payload.iat) > IAT_WINDOW_SECONDS) return refuse(400, 'invalid_proof')
        if (!nonces.has(payload.nonce)) return refuse(400, 'invalid_nonce')
        used.add(payload.nonce)
        holders.push(verified.signer.publicJwk)
      }
    } catch {
      return refuse(400, 'invalid_proof')
    }
    for (const nonce of used) nonces.delete(nonce)
    seen.proofs = proofs
    if (party.faults.refuseNonces > 0) {
      party.faults.refuseNonces -= 1
      return refuse(400, 'invalid_nonce')
    }
    const credentials = []
    for (const holder of holders) credentials.push({ credential: await signed(offer, holder) })
    const response = vci.createCredentialResponse({ credentialRequest: {}, credentials })
    return { headers: { 'Cache-Control': 'no-store' }, body: spoil('credentialResponse', response) }
  }

  const server = await serve([
    ['GET', /^\/\.well-known\/openid-credential-issuer(\/.*)?$/, () => ({ body: spoil('issuerMetadata', credentialIssuerMetadata) })],
    ['GET', /^\/\.well-known\/oauth-authorization-server(\/.*)?$/, () => ({ body: spoil('serverMetadata', serverMetadata) })],
    ['GET', /^\/jwks$/, () => ({ body: { keys: [{ ...tokenKey.publicJwk, kid: 'token', use: 'sig', alg: 'ES256' }] } })],
    ['GET', /^\/offers\/(.+)$/, ({ match }) => (published.has(match[1]) ? { body: spoil('offer', published.get(match[1])) } : { status: 404 })],
    ['POST', /^\/token$/, token],
    ['POST', /^\/nonce$/, () => {
      seen.nonceRequests += 1
      const nonce = random()
      nonces.add(nonce)
      if (party.faults.nonce) return party.faults.nonce(nonce)
      return { headers: { 'Cache-Control': 'no-store' }, body: vci.createNonceResponse({ cNonce: nonce }) }
    }],
    ['POST', /^\/credential$/, credential],
    ['GET', /^\/types\/judged\/1$/, () => (party.faults.typeDocument ? { headers: { 'Content-Type': 'application/json' }, body: party.faults.typeDocument } : { status: 404 })],
    ['GET', /^\/status\/1$/, async () => ({
      headers: { 'Content-Type': 'application/statuslist+jwt' },
      body: await signStatusList(`${server.origin}/status/1`, statuses, signer),
    })],
  ])

  const identifier = `${server.origin}${path}`
  const credentialIssuerMetadata = vci.createCredentialIssuerMetadata({
    credential_issuer: identifier,
    credential_endpoint: `${server.origin}/credential`,
    nonce_endpoint: `${server.origin}/nonce`,
    display: [{ name: 'Judge issuer', locale: 'en' }],
    credential_configurations_supported: { [PID]: configuration(PID_VCT, PID), [DIPLOMA]: configuration(DIPLOMA_VCT, DIPLOMA) },
  })
  const serverMetadata = oauth.createAuthorizationServerMetadata({
    issuer: identifier,
    token_endpoint: `${server.origin}/token`,
    jwks_uri: `${server.origin}/jwks`,
    grant_types_supported: [preAuthorizedCodeGrantIdentifier],
    response_types_supported: [],
    'pre-authorized_grant_anonymous_access_supported': true,
  })

  return Object.assign(party, {
    identifier,
    origin: server.origin,
    close: server.close,
    /** A new offer; answers as our staff interface does. */
    async offer({ person = 'per_1', type = PID, txCode = true, claims } = {}) {
      const code = random()
      const expectedTxCode = txCode ? String(100_000 + Math.floor(Math.random() * 900_000)) : undefined
      const grants = { [preAuthorizedCodeGrantIdentifier]: { 'pre-authorized_code': code, ...(txCode ? { tx_code: { input_mode: 'numeric', length: 6 } } : {}) } }
      const token = random(16)
      const options = { issuerMetadata: metadata(), credentialConfigurationIds: [type], grants }
      const byValue = await vci.createCredentialOffer(options)
      const byReference = await vci.createCredentialOffer({ ...options, credentialOfferUri: `${server.origin}/offers/${token}` })
      published.set(token, byValue.credentialOfferObject)
      offers.set(code, {
        code,
        person,
        configuration: type,
        txCode: expectedTxCode,
        tries: 0,
        used: false,
        expiresAt: new Date(Date.now() + 600_000),
        claims: claims ?? { family_name: 'Diallo', given_name: 'Aminata', birthdate: '1990-04-02' },
      })
      return {
        credential_offer: byValue.credentialOfferObject,
        link: byReference.credentialOffer,
        link_by_value: byValue.credentialOffer,
        tx_code: expectedTxCode ?? null,
      }
    },
    setStatus(id, value) {
      statuses[issued.find((entry) => entry.id === id).index] = value
    },
  })
}
