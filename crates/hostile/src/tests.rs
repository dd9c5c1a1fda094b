//! Every target, with inputs that are the same at every run: nothing panics, whatever must hold holds, at least half get
//! past the outer parser, and some get to the end.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{Reached, Target, targets};

/// Says which input it was when a check has failed.
struct Trying<'a> {
    target: &'a Target,
    number: u64,
    input: &'a [u8],
}

impl Drop for Trying<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let (name, number) = (self.target.name, self.number);
            eprintln!("{name}, input {number}: {}", self.input.escape_ascii());
        }
    }
}

fn check(target: &Target) {
    for (number, seed) in (0..).zip(target.seeds()) {
        let trying = Trying { target, number, input: seed };
        assert!(target.run(seed) > Reached::Refused, "{}: a valid input is refused", target.name);
        drop(trying);
    }
    let accepted = target.seeds().iter().any(|seed| target.run(seed) == Reached::Accepted);
    assert!(accepted, "{}: no valid input is accepted", target.name);
    let (mut read, mut accepted) = (0_u64, 0_u64);
    for number in 0..target.cases {
        let input = target.input(number);
        let trying = Trying { target, number, input: &input };
        let reached = target.run(&input);
        drop(trying);
        read += u64::from(reached > Reached::Refused);
        accepted += u64::from(reached == Reached::Accepted);
    }
    let share = |count: u64| count * 100 / target.cases.max(1);
    println!(
        "{}: {} inputs, {} % read, {} % accepted",
        target.name,
        target.cases,
        share(read),
        share(accepted)
    );
    assert!(
        read * 2 >= target.cases,
        "{}: {read} of {} got past the outer parser",
        target.name,
        target.cases
    );
    assert!(accepted > 0, "{}: no changed input is accepted", target.name);
}

/// The fuzz targets are the targets: none is missing, none is left over, each runs the one of its name.
#[test]
fn every_target_is_a_fuzz_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
    let listed: BTreeSet<String> = manifest["bin"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bin| {
            let name = bin["name"].as_str().unwrap();
            assert_eq!(bin["path"].as_str(), Some(format!("targets/{name}.rs").as_str()));
            let text = fs::read_to_string(folder.join(format!("targets/{name}.rs"))).unwrap();
            assert_eq!(text, format!("#![no_main]\n\nsahihi_fuzz::target!({});\n", name.to_uppercase()));
            name.to_owned()
        })
        .collect();
    let targets: BTreeSet<String> = targets::ALL.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(targets.len(), targets::ALL.len(), "two targets of one name");
    assert_eq!(listed, targets);
}

mod never_panics {
    macro_rules! tests {
        ($($group:ident: $($name:ident $target:ident),+;)+) => {
            $($(
                #[test]
                fn $name() {
                    super::check(&crate::targets::$target);
                }
            )+)+
        };
    }

    crate::targets::each_target!(tests);
}
