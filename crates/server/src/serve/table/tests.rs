use super::*;

fn table(connections: usize, per_address: usize, trusted: &[&str]) -> Arc<Table> {
    let trusted = trusted.iter().map(|n| n.parse().unwrap()).collect();
    Arc::new(Table::new(Bounds { connections, per_address, trusted }, Arc::new(Metrics::new())))
}

/// An address of 203.0.113.0/24.
fn from(n: u8) -> IpAddr {
    [203, 0, 113, n].into()
}

#[test]
fn the_idlest_give_way_and_the_busy_never() {
    let table = table(2, 2, &[]);
    let first = table.admit(from(1)).unwrap();
    table.hand_ms.store(1_000, Relaxed);
    let second = table.admit(from(2)).unwrap();
    // The first one asks something now, so that the second has been idle for longer.
    table.hand_ms.store(2_000, Relaxed);
    first.connection.enter(Phase::Head);
    let third = table.admit(from(3)).unwrap();
    assert_eq!(table.len(), 2);
    assert!(table.places().taken.contains_key(&first.number));
    for busy in [&first, &third] {
        busy.connection.enter(Phase::Working);
    }
    assert_eq!(table.admit(from(4)).unwrap_err(), Refused::Full);
    // A place that was lost is not given back a second time.
    drop(second);
    assert_eq!(table.len(), 2);
    third.connection.enter(Phase::Idle);
    let fourth = table.admit(from(4)).unwrap();
    drop((first, third, fourth));
    assert_eq!(table.len(), 0);
    assert!(table.places().per_address.is_empty());
    assert_eq!((table.metrics.open.get(), table.metrics.accepted.get()), (0, 4));
    assert_eq!(table.metrics.refused_full.get(), 1);
}

#[test]
fn one_address_takes_places_only_from_itself() {
    let table = table(100, 2, &["10.0.0.1"]);
    let other = table.admit(from(1)).unwrap();
    let mut own: Vec<Place> = (0..2).map(|_| table.admit(from(2)).unwrap()).collect();
    own.push(table.admit(from(2)).unwrap());
    assert_eq!(table.len(), 3);
    assert!(table.places().taken.contains_key(&other.number));
    for place in &own {
        place.connection.enter(Phase::Body);
    }
    assert_eq!(table.admit(from(2)).unwrap_err(), Refused::Address);
    assert!(table.admit(from(3)).is_ok());
    // One host has a whole /64 of IPv6.
    let six = |text: &str| table.admit(text.parse().unwrap());
    let held: Vec<Place> = ["2001:db8::1", "2001:db8::2"].map(|a| six(a).unwrap()).into();
    for place in &held {
        place.connection.enter(Phase::Working);
    }
    assert_eq!(six("2001:db8::3").unwrap_err(), Refused::Address);
    assert!(six("2001:db8:0:1::3").is_ok());
    // Behind a proxy are many.
    let proxied: Vec<Place> = (0..9).map(|_| table.admit([10, 0, 0, 1].into()).unwrap()).collect();
    assert!(proxied.iter().all(|place| table.places().taken.contains_key(&place.number)));
}
