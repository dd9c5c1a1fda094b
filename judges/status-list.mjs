// `@sd-jwt/jwt-status-list` on our status lists (Token Status List draft 14).
//
// Several credentials are issued, and each entry of each list is followed through what staff do.

import { equal, Judge, run, truthy } from './lib/cases.mjs'
import { call } from './lib/http.mjs'
import { nowSeconds } from './lib/keys.mjs'
import { issuerParty, target } from './lib/parties.mjs'
import { fetchStatusList } from './lib/sdjwt.mjs'
import { NpmWallet } from './lib/wallet.mjs'

const [VALID, INVALID, SUSPENDED] = [0, 1, 2]
const CREDENTIALS = 6
const TTL_SECONDS_MAX = 86_400

await run(async () => {
  const aim = target()
  const judge = new Judge('status-list', aim)
  const issuer = await issuerParty(aim)
  const wallet = new NpmWallet({ issuerAnchors: issuer.anchors })

  const held = []
  for (let count = 0; count < CREDENTIALS; count += 1) {
    const person = await issuer.register()
    const offer = await issuer.offer({ person, txCode: false })
    const { payload } = await wallet.accept(offer.link)
    const [{ id }] = await issuer.issued(person)
    held.push({ id, ...payload.status.status_list })
  }
  const status = async ({ uri, idx }) => (await fetchStatusList(uri, issuer.anchors)).list.getStatus(idx)
  const all = () => Promise.all(held.map(status))

  await judge.case('token', async () => {
    const { payload, list } = await fetchStatusList(held[0].uri, issuer.anchors)
    equal(payload.status_list.bits, 2, 'bits')
    equal(list.getBitsPerStatus(), 2, 'bits as the library reads them')
    truthy(Number.isInteger(payload.exp) && payload.exp > nowSeconds(), 'exp')
    truthy(payload.ttl === undefined || (payload.ttl >= 0 && payload.ttl <= TTL_SECONDS_MAX), 'ttl')
    truthy(!('nbf' in payload) || payload.nbf <= nowSeconds(), 'nbf')
    for (const name of Object.keys(payload)) truthy(['sub', 'iat', 'exp', 'ttl', 'status_list', 'iss', 'nbf'].includes(name), `no unknown claim ${name}`)
  })

  await judge.case('http', async () => {
    const { uri } = held[0]
    for (const accept of ['application/statuslist+jwt', '*/*', 'application/statuslist+jwt, application/statuslist+cwt;q=0.5']) {
      const answer = await call(uri, { headers: { Accept: accept } })
      equal([answer.status, answer.headers.get('content-type')], [200, 'application/statuslist+jwt'], `with Accept: ${accept}`)
      equal(answer.headers.get('access-control-allow-origin'), '*', 'open to browsers')
    }
  })

  await judge.case('unknown_list', async () => {
    const answer = await call(held[0].uri.replace(/[^/]+$/, '999999'))
    equal(answer.status, 404, 'status')
  })

  await judge.case('index_within_list', async () => {
    for (const { uri, idx } of held) {
      truthy(Number.isInteger(idx) && idx >= 0, `idx ${idx}`)
      await status({ uri, idx })
    }
  })

  await judge.case('indices_distinct_and_unpredictable', async () => {
    const keys = held.map(({ uri, idx }) => `${uri}#${idx}`)
    equal(new Set(keys).size, keys.length, 'distinct')
    const steps = held.slice(1).map(({ idx }, at) => idx - held[at].idx)
    truthy(new Set(steps).size > 1, `the steps ${steps} are not all one`)
  }, { ours: true })

  await judge.case('large_enough_to_hide_in', async () => {
    const { list } = await fetchStatusList(held[0].uri, issuer.anchors)
    truthy(list.statusList.length >= 100_000, `${list.statusList.length} entries`)
  }, { ours: true })

  await judge.case('all_valid_at_first', async () => {
    equal(await all(), held.map(() => VALID), 'statuses')
  })

  await judge.case('suspend', async () => {
    equal(await issuer.act(held[1].id, 'suspend'), 200, 'status')
    equal(await all(), [VALID, SUSPENDED, VALID, VALID, VALID, VALID], 'statuses')
  })

  await judge.case('revoke', async () => {
    equal(await issuer.act(held[3].id, 'revoke'), 200, 'status')
    equal(await all(), [VALID, SUSPENDED, VALID, INVALID, VALID, VALID], 'statuses')
  })

  await judge.case('reinstate', async () => {
    equal(await issuer.act(held[1].id, 'reinstate'), 200, 'status')
    equal(await all(), [VALID, VALID, VALID, INVALID, VALID, VALID], 'statuses')
  })

  await judge.case('revoke_a_suspended_one', async () => {
    equal(await issuer.act(held[2].id, 'suspend'), 200, 'suspend')
    equal(await issuer.act(held[2].id, 'revoke'), 200, 'revoke')
    equal(await all(), [VALID, VALID, INVALID, INVALID, VALID, VALID], 'statuses')
  })

  await judge.case('revoked_is_final', async () => {
    for (const action of ['reinstate', 'suspend']) {
      const answer = await issuer.act(held[3].id, action)
      truthy(answer >= 400 && answer < 500, `${action} answered ${answer}`)
    }
    equal(await status(held[3]), INVALID, 'status')
  })

  await judge.case('newer_token_after_an_act', async () => {
    const before = await fetchStatusList(held[0].uri, issuer.anchors)
    await issuer.act(held[0].id, 'suspend')
    const after = await fetchStatusList(held[0].uri, issuer.anchors)
    truthy(after.payload.iat >= before.payload.iat, 'iat does not go back')
    truthy(after.payload.status_list.lst !== before.payload.status_list.lst, 'another list')
  })

  await judge.case('others_untouched', async () => {
    // Judges run side by side and use the same lists: only entries that nobody was given must stay 0.
    equal(await all(), [SUSPENDED, VALID, INVALID, INVALID, VALID, VALID], 'statuses')
    const { list } = await fetchStatusList(held[0].uri, issuer.anchors)
    truthy(list.statusList.filter((value) => value !== VALID).length < 200, 'few entries are not valid')
  })

  await issuer.close()
  judge.finish()
})
