// What an issuer publishes: its metadata, its authorization server's, and its offers (OpenID4VCI 1.0, sections 4 and 12).

import { preAuthorizedCodeGrantIdentifier } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { equal, truthy } from './cases.mjs'
import { call } from './http.mjs'
import { callbacks } from './oid4vc.mjs'

/** The cases of `wallet-vs-issuer.mjs` that come before anything is issued. */
export async function judgeMetadata({ judge, issuer, wallet, person, offered }) {
  await judge.case('issuer_metadata', async () => {
    const { session } = await offered()
    const { credentialIssuer, knownCredentialConfigurations, originalDraftVersion } = session.issuerMetadata
    equal(originalDraftVersion, 'V1', 'version that the library recognises')
    equal(credentialIssuer.credential_issuer, issuer.identifier, 'credential_issuer')
    truthy(credentialIssuer.nonce_endpoint, 'a nonce endpoint')
    for (const [id, entry] of Object.entries(credentialIssuer.credential_configurations_supported)) {
      truthy(knownCredentialConfigurations[id], `${id} is known to the library`)
      equal(entry.format, 'dc+sd-jwt', `format of ${id}`)
      truthy(entry.scope, `scope of ${id}`)
      equal(entry.cryptographic_binding_methods_supported, ['jwk'], `binding methods of ${id}`)
      equal(entry.proof_types_supported.jwt.proof_signing_alg_values_supported, ['ES256'], `proof algorithms of ${id}`)
      equal(entry.credential_signing_alg_values_supported, ['ES256'], `signing algorithms of ${id}`)
      const locales = entry.credential_metadata.display.map((item) => item.locale)
      equal(new Set(locales).size, locales.length, `locales of ${id}, each once`)
      for (const claim of entry.credential_metadata.claims) {
        const spoken = (claim.display ?? []).map((item) => item.locale)
        equal(new Set(spoken).size, spoken.length, `locales of ${claim.path}, each once`)
      }
    }
    truthy(Object.keys(knownCredentialConfigurations).length >= 2, 'two credential types')
  })

  await judge.case('issuer_metadata_http', async () => {
    const answer = await call(`${issuer.identifier}/.well-known/openid-credential-issuer`)
    equal(answer.status, 200, 'status')
    truthy(/^application\/json/.test(answer.headers.get('content-type')), 'content type')
    equal(answer.headers.get('access-control-allow-origin'), '*', 'open to browsers')
    truthy(answer.headers.get('date'), 'Date')
  })

  await judge.case('metadata_any_accept', async () => {
    for (const accept of ['*/*', 'application/json', 'text/html, */*;q=0.1', 'application/jwt, application/json;q=0.9']) {
      const answer = await call(`${issuer.identifier}/.well-known/openid-credential-issuer`, { headers: { Accept: accept } })
      equal([accept, answer.status], [accept, 200], 'status')
    }
  })

  await judge.case('signed_metadata', async () => {
    const asking = new Openid4vciClient({
      callbacks: {
        ...callbacks({ anchors: issuer.anchors }),
        fetch: (input, init) => fetch(input, { ...init, headers: { ...init?.headers, Accept: 'application/jwt' } }),
      },
    })
    const { signedCredentialIssuer, credentialIssuer } = await asking.resolveIssuerMetadata(issuer.identifier)
    equal(signedCredentialIssuer.jwt.header.typ, 'openidvci-issuer-metadata+jwt', 'typ')
    equal(signedCredentialIssuer.jwt.payload.sub, issuer.identifier, 'sub')
    const { session } = await offered()
    for (const [name, value] of Object.entries(session.issuerMetadata.credentialIssuer)) equal(credentialIssuer[name], value, `${name}, signed and unsigned`)
  }, { ours: true })

  await judge.case('server_metadata', async () => {
    const { session } = await offered()
    const [server] = session.issuerMetadata.authorizationServers
    equal(server.issuer, issuer.identifier, 'issuer')
    equal(server['pre-authorized_grant_anonymous_access_supported'], true, 'anonymous access')
    truthy(server.grant_types_supported?.includes(preAuthorizedCodeGrantIdentifier), 'pre-authorized code is announced')
    const answer = await call(`${issuer.identifier}/.well-known/oauth-authorization-server`)
    equal(answer.headers.get('access-control-allow-origin'), '*', 'open to browsers')
  })

  await judge.case('offer_by_reference', async () => {
    const { offer, session } = await offered()
    equal(session.credentialOffer, offer.credential_offer, 'the offer')
    truthy(new URL(offer.link).searchParams.get('credential_offer_uri'), 'by reference')
  })

  await judge.case('offer_by_value', async () => {
    const offer = await issuer.offer({ person })
    const session = await wallet.resolve(offer.link_by_value)
    equal(session.credentialOffer, offer.credential_offer, 'the offer')
    const grant = session.credentialOffer.grants[preAuthorizedCodeGrantIdentifier]
    equal(grant.tx_code.input_mode, 'numeric', 'input mode')
    equal(grant.tx_code.length, offer.tx_code.length, 'length of the transaction code')
    truthy(!JSON.stringify(session.credentialOffer).includes(offer.tx_code), 'the transaction code is not in the offer')
  })

  await judge.case('offer_without_tx_code', async () => {
    const { offer, session } = await offered({ txCode: false })
    equal(offer.tx_code, null, 'no transaction code')
    equal(session.credentialOffer.grants[preAuthorizedCodeGrantIdentifier].tx_code, undefined, 'none asked')
  })

  await judge.case('offer_unknown_token', async () => {
    const offer = await issuer.offer({ person })
    const url = new URL(offer.link).searchParams.get('credential_offer_uri')
    const answer = await call(`${url.slice(0, -4)}AAAA`)
    equal(answer.status, 404, 'status')
  })
}
