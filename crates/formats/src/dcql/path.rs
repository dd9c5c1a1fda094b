//! What a claims path pointer leads to (section 7.1.1).

use serde_json::{Map, Value};

use super::{ClaimPath, ClaimsQuery, Expected, PathPart};

/// How an index is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indices {
    /// As it stands: the holder has the whole array.
    Exact,
    /// As any element: of a presented array the elements that are not disclosed are missing (RFC 9901, section 7.1),
    /// so that those which are stand at other places.
    Any,
}

/// A part of a credential, and the path to it: names and indices only.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found<'v> {
    pub(super) path: ClaimPath,
    pub(super) value: &'v Value,
}

/// The path does not fit the credential: a name where there is no object, an index where there is no array.
struct Unfit;

impl ClaimPath {
    /// Everything that the path leads to; nothing if processing it is an error.
    pub(super) fn resolve<'v>(&self, claims: &'v Map<String, Value>, indices: Indices) -> Vec<Found<'v>> {
        let mut found = Vec::new();
        let Some((PathPart::Key(name), rest)) = self.parts().split_first() else { return found };
        let Some(value) = claims.get(name) else { return found };
        match walk(value, rest, &mut vec![PathPart::Key(name.clone())], indices, &mut found) {
            Ok(()) => found,
            Err(Unfit) => Vec::new(),
        }
    }

    /// Whether what is at `concrete` belongs to what this path asks for: is in it, or around it.
    pub(super) fn concerns(&self, concrete: &Self) -> bool {
        // One of the two ends first: whatever is beyond is inside, or outside.
        self.parts().iter().zip(concrete.parts()).all(|(asked, there)| match (asked, there) {
            (PathPart::Key(asked), PathPart::Key(there)) => asked == there,
            (PathPart::All | PathPart::Index(_), PathPart::Index(_)) => true,
            _ => false,
        })
    }
}

fn walk<'v>(
    value: &'v Value,
    rest: &[PathPart],
    here: &mut Vec<PathPart>,
    indices: Indices,
    found: &mut Vec<Found<'v>>,
) -> Result<(), Unfit> {
    let Some((part, rest)) = rest.split_first() else {
        found.push(Found { path: ClaimPath(here.clone()), value });
        return Ok(());
    };
    match part {
        PathPart::Key(name) => {
            if let Some(member) = value.as_object().ok_or(Unfit)?.get(name) {
                here.push(part.clone());
                walk(member, rest, here, indices, found)?;
                here.pop();
            }
        }
        PathPart::Index(index) if indices == Indices::Exact => {
            let place = usize::try_from(*index).map_err(|_| Unfit)?;
            if let Some(item) = value.as_array().ok_or(Unfit)?.get(place) {
                here.push(part.clone());
                walk(item, rest, here, indices, found)?;
                here.pop();
            }
        }
        PathPart::All | PathPart::Index(_) => {
            let any_will_do = matches!(part, PathPart::Index(_));
            for (place, item) in value.as_array().ok_or(Unfit)?.iter().enumerate() {
                let (deep, many) = (here.len(), found.len());
                here.push(PathPart::Index(u32::try_from(place).map_err(|_| Unfit)?));
                let walked = walk(item, rest, here, indices, found);
                here.truncate(deep);
                match walked {
                    // It need not be this element.
                    Err(Unfit) if any_will_do => found.truncate(many),
                    walked => walked?,
                }
            }
        }
    }
    Ok(())
}

impl ClaimsQuery {
    /// What of the claim is there and has a value that is asked for. A claim of another value is treated as if it did
    /// not exist (section 6.4.1).
    pub(super) fn find<'v>(&self, claims: &'v Map<String, Value>, indices: Indices) -> Vec<Found<'v>> {
        let mut found = self.path.resolve(claims, indices);
        found.retain(|f| self.values.is_empty() || self.values.iter().any(|v: &Expected| v.is(f.value)));
        found
    }
}
