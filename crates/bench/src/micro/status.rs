//! Status lists.

use std::time::Instant;

use crypto::{Random as _, SeededRandom};
use formats::status_list::{Bits, NewToken, Status, StatusList};

use super::{
    cpu,
    parties::{NOW, Parties, STATUS_URI},
};
use crate::row::{Context, Failure};

/// How many entries the long list has.
const ENTRIES: usize = 10_000_000;
/// How often its token is made; the middle one counts.
const TIMES: usize = 3;

/// Makes and signs the token of a list of ten million entries of which one in fifty, at random, is not valid.
pub(crate) fn make_10m(_: &mut Context) -> Result<f64, Failure> {
    cpu::pinned(|| {
        let parties = Parties::new()?;
        let random = SeededRandom::new(10);
        let statuses: Vec<(u64, Status)> = (0..ENTRIES / 50)
            .map(|n| {
                let mut bytes = [0; 8];
                random.fill(&mut bytes);
                let status = if n % 4 == 0 { Status::Suspended } else { Status::Invalid };
                Ok::<_, Failure>((u64::from_be_bytes(bytes) % u64::try_from(ENTRIES)?, status))
            })
            .collect::<Result<_, _>>()?;
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let begun = Instant::now();
            let mut list = StatusList::new(Bits::Two, ENTRIES);
            for (idx, status) in &statuses {
                list.set(*idx, *status)?;
            }
            let token = NewToken {
                sub: STATUS_URI,
                iat: NOW,
                exp: NOW.plus_secs(86_400),
                ttl_s: 300,
                aggregation_uri: None,
                list: &list,
            };
            let token = token.sign(&parties.issuer)?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            println!("    a token of {} bytes", token.len());
        }
        Ok(cpu::middle(times))
    })
}
