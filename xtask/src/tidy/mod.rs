//! `cargo xtask tidy`: the architecture, checked.
//!
//! Each module here is one rule over the [`House`]; a rule returns its [`Violation`]s and prints nothing that is not a
//! table or a warning. What the compiler or clippy can check is left to them.
mod house;
mod imports;
mod lengths;
mod manifests;
mod protocol;
mod purity;
mod words;

use anyhow::{Result, ensure};

use house::House;

/// A rule that does not hold somewhere, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    place: String,
    what: String,
    mend: String,
}

impl Violation {
    fn new(place: impl Into<String>, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), mend: mend.into() }
    }
}

/// Checks every rule and prints all violations; an error if there are any.
pub(crate) fn run() -> Result<()> {
    let house = House::read()?;
    let mut violations = imports::check(&house);
    violations.extend(manifests::check(&house)?);
    violations.extend(purity::check(&house)?);
    violations.extend(words::check()?);
    violations.extend(protocol::check()?);
    lengths::warn()?;

    for Violation { place, what, mend } in &violations {
        println!("\nviolation in {place}: {what}\n  mend: {mend}");
    }
    println!("\ntidy: {} crates, {} violations", house.members.len(), violations.len());
    ensure!(violations.is_empty(), "the house is not tidy");
    Ok(())
}
