// The npm library `dcql` as an oracle: queries and wallets on standard input, its answers on standard output, one JSON
// object a line each. Driven by the tests of crates/formats/src/dcql/oracle.
//
// In:  {"query": dcql_query, "wallet": [{"vct", "claims", "holder_bound", "aki": [base64url]}]}
// Out: {"refused": "why"} or {"can_be_satisfied", "sets": [[option]] | null,
//       "matches": {query id: [{"held": place, "claim_set": place | null, "shown": claims}]}}
import { createInterface } from 'node:readline'
import { DcqlQuery } from 'dcql'

const credential = ({ vct, claims, holder_bound, aki }) => ({
  credential_format: 'dc+sd-jwt',
  vct,
  claims,
  cryptographic_holder_binding: holder_bound,
  ...(aki.length > 0 && { authority: { type: 'aki', values: aki } }),
})

const answer = ({ query, wallet }) => {
  let parsed
  try {
    parsed = DcqlQuery.parse(query)
    DcqlQuery.validate(parsed)
  } catch (error) {
    return { refused: error.message }
  }
  const result = DcqlQuery.query(parsed, wallet.map(credential))
  const matches = Object.entries(result.credential_matches).map(([id, match]) => [
    id,
    (match.valid_credentials ?? []).map(({ input_credential_index, claims }) => ({
      held: input_credential_index,
      claim_set: claims.valid_claim_sets[0].claim_set_index ?? null,
      shown: claims.valid_claim_sets[0].output,
    })),
  ])
  return {
    can_be_satisfied: Boolean(result.can_be_satisfied),
    sets: result.credential_sets?.map((set) => set.matching_options ?? []) ?? null,
    matches: Object.fromEntries(matches),
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`)
}
