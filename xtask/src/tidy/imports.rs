//! Who may import whom. The table is ARCHITECTURE.md's; a new arrow needs a line in docs/decisions.
use super::{
    Violation,
    house::{House, Member, Ring},
};

/// What a crate may be built from, of ours.
#[derive(Clone, Copy)]
enum Allowed {
    /// Anything of these rings.
    Rings(&'static [Ring]),
    /// Anything of these rings, and one crate more.
    RingsAnd(&'static [Ring], &'static str),
    /// These crates and no other.
    These(&'static [&'static str]),
}

use Allowed::{Rings, RingsAnd, These};

const CORE: &[Ring] = &[Ring::Vocabulary, Ring::Machine, Ring::Adapter];
const EVERYTHING_SHIPPED: &[Ring] =
    &[Ring::Vocabulary, Ring::Machine, Ring::Adapter, Ring::Assembly, Ring::Testing];

/// From the inside to the outside.
const TABLE: &[(&str, Allowed)] = &[
    ("types", These(&[])),
    ("signaling", These(&["types"])),
    ("call", These(&["types"])),
    ("sfu", These(&["types"])),
    ("session", These(&["signaling", "types"])),
    ("client-core", These(&["signaling", "types"])),
    ("store", These(&["call", "types"])),
    ("store-embedded", These(&["store", "types"])),
    ("store-postgres", These(&["postgres-line", "store", "types"])),
    ("bus", These(&["types"])),
    ("bus-nats", These(&["bus", "types"])),
    ("bus-postgres", These(&["bus", "postgres-line", "types"])),
    ("postgres-line", These(&[])),
    ("push", These(&["types"])),
    ("push-apns", These(&["push", "types"])),
    ("push-fcm", These(&["push", "types"])),
    ("push-line", These(&["push", "types"])),
    ("push-web", These(&["push", "types"])),
    ("push-webhook", These(&["push", "types"])),
    ("auth", These(&["types"])),
    ("call-control", These(&["bus", "call", "push", "signaling", "store", "types"])),
    ("gateway", These(&["auth", "bus", "session", "signaling", "types"])),
    ("media", These(&["sfu", "types"])),
    ("server", RingsAnd(CORE, "client")),
    ("client", These(&["client-core", "sfu", "signaling", "types"])),
    ("client-ffi", These(&["client"])),
    ("testing-kit", Rings(CORE)),
    ("testing-simulation", Rings(EVERYTHING_SHIPPED)),
    ("testing-load", Rings(EVERYTHING_SHIPPED)),
    ("testing-crash", Rings(EVERYTHING_SHIPPED)),
    ("testing-services", These(&[])),
    ("testing-vendors", These(&[])),
    ("fuzz", Rings(EVERYTHING_SHIPPED)),
    ("xtask", Rings(EVERYTHING_SHIPPED)),
];

/// Prints the table as it stands and returns the arrows that are not in [`TABLE`].
pub(super) fn check(house: &House) -> Vec<Violation> {
    println!("{:<20} {:<8} imports", "crate", "ring");
    for member in &house.members {
        let imports = member.imports.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        println!(
            "{:<20} {:<8} {}",
            member.name,
            member.ring,
            if imports.is_empty() { "–" } else { &imports }
        );
    }
    house.members.iter().flat_map(|member| check_member(house, member)).collect()
}

fn check_member(house: &House, member: &Member) -> Vec<Violation> {
    let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == member.name) else {
        let mend = "add it to the table in xtask/src/tidy/imports.rs and in ARCHITECTURE.md, with a decision";
        return vec![Violation::new(member.place(), "this crate is not in the table of imports", mend)];
    };
    let wrong = |import: &&String| !is_allowed(house, *allowed, import);
    let wrong_in_tests =
        |import: &&String| !is_allowed(house, *allowed, import) && !is_for_tests(house, member, import);
    let shipped = member.imports.iter().filter(wrong).map(|import| {
        let mend = "move what is needed inwards or behind a port; a new arrow needs a decision and a line in the table";
        Violation::new(member.place(), format!("`{}` may not import `{import}`", member.name), mend)
    });
    let tests = member.test_imports.iter().filter(wrong_in_tests).map(|import| {
        let mend =
            "move the test outwards: tests import `testing-kit`, `testing-services`, `testing-vendors` and crates of their own ring or further in";
        Violation::new(
            member.place(),
            format!("the tests of `{}` may not import `{import}`", member.name),
            mend,
        )
    });
    shipped.chain(tests).collect()
}

fn is_allowed(house: &House, allowed: Allowed, import: &str) -> bool {
    match allowed {
        Rings(rings) => house.ring_of(import).is_some_and(|ring| rings.contains(&ring)),
        RingsAnd(rings, more) => import == more || is_allowed(house, Rings(rings), import),
        These(names) => names.contains(&import),
    }
}

fn is_for_tests(house: &House, member: &Member, import: &str) -> bool {
    ["testing-kit", "testing-services", "testing-vendors"].contains(&import)
        || house.ring_of(import).is_some_and(|ring| ring <= member.ring)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn an_arrow_of_the_table_is_allowed() {
        let house =
            house(vec![member("types", Ring::Vocabulary), member("call", Ring::Machine).importing("types")]);
        assert_eq!(check(&house), []);
    }

    #[test]
    fn an_adapter_that_imports_another_adapter_is_found() {
        let embedded = member("store-embedded", Ring::Adapter).importing("bus");
        let found = check(&house(vec![member("bus", Ring::Adapter), embedded]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, "`store-embedded` may not import `bus`");
    }

    #[test]
    fn a_crate_that_is_not_in_the_table_is_found() {
        let found = check(&house(vec![member("helpers", Ring::Machine)]));
        assert_eq!(found[0].what, "this crate is not in the table of imports");
    }

    #[test]
    fn tests_import_the_kit_and_inwards_but_not_outwards() {
        let crates = |import| {
            let session = member("session", Ring::Machine).importing_in_tests(import);
            let others =
                [("client-core", Ring::Machine), ("gateway", Ring::Adapter), ("testing-kit", Ring::Testing)];
            let others = others.map(|(name, ring)| member(name, ring));
            house(others.into_iter().chain([session]).collect())
        };
        assert_eq!(check(&crates("client-core")), []);
        assert_eq!(check(&crates("testing-kit")), []);
        assert_eq!(check(&crates("gateway"))[0].what, "the tests of `session` may not import `gateway`");
    }

    #[test]
    fn nothing_that_ships_imports_a_testing_crate() {
        let server = member("server", Ring::Assembly).importing("testing-kit");
        let found = check(&house(vec![member("testing-kit", Ring::Testing), server]));
        assert_eq!(found[0].what, "`server` may not import `testing-kit`");
    }

    fn house(members: Vec<Member>) -> House {
        House { members }
    }

    fn member(name: &str, ring: Ring) -> Member {
        Member {
            name: name.to_owned(),
            folder: PathBuf::new(),
            description: None,
            ring,
            imports: [].into(),
            test_imports: [].into(),
        }
    }

    impl Member {
        fn importing(mut self, import: &str) -> Self {
            self.imports.insert(import.to_owned());
            self
        }

        fn importing_in_tests(mut self, import: &str) -> Self {
            self.test_imports.insert(import.to_owned());
            self
        }
    }
}
