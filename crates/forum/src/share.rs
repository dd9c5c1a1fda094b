//! Places of which there are few, and of which one address has a part at most: nobody keeps everybody else out by holding
//! them all.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use http::Extensions;
use web::{ClientAddress, Problem};

/// How many places each address has that has any.
pub(crate) struct Shares {
    of_one: usize,
    taken: Mutex<BTreeMap<IpAddr, usize>>,
}

impl Shares {
    /// One address has at most so many.
    pub(crate) const fn new(of_one: usize) -> Self {
        Self { of_one, taken: Mutex::new(BTreeMap::new()) }
    }

    /// A place for whoever sends a request with these extensions; none is counted of whom nothing is known.
    ///
    /// # Errors
    /// 503 while the address has all that it may have.
    pub(crate) fn take(&'static self, extensions: &Extensions) -> Result<Option<Share>, Problem> {
        let Some(address) = ClientAddress::of(extensions).map(ClientAddress::counted) else {
            return Ok(None);
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let places = taken.entry(address).or_default();
        if *places >= self.of_one {
            return Err(Problem::unavailable());
        }
        *places += 1;
        Ok(Some(Share { of: self, address }))
    }
}

/// One of the places of an address, until it is dropped.
pub(crate) struct Share {
    of: &'static Shares,
    address: IpAddr,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = taken.get_mut(&self.address) {
            *places = places.saturating_sub(1);
            if *places == 0 {
                taken.remove(&self.address);
            }
        }
    }
}
