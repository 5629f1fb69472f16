//! `cargo xtask test`: every check there is, the quick ones first.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use offhook_testing_services::TEST_POSTGRES;

use crate::{
    cluster, codegen, conform, crash, demo, e2e, services,
    shell::{self, Stopwatch},
    simulate, supply, tidy, web,
};

/// Which checks to run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run only the steps whose name begins so.
    #[arg(long)]
    only: Option<String>,
}

/// One check. Adding one is adding a line to [`STEPS`].
struct Step {
    name: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", run: format },
    Step { name: "tidy", run: tidy::run },
    Step { name: "codegen", run: codegen::check },
    Step { name: "web", run: web::check },
    Step { name: "clippy", run: clippy },
    Step { name: "supply", run: supply::run },
    Step { name: "tests", run: tests },
    Step { name: "documentation tests", run: documentation_tests },
    Step { name: "simulator", run: simulate::check },
    Step { name: "demo", run: demo::check },
    Step { name: "cluster", run: cluster::check },
    Step { name: "browser", run: e2e::check },
    Step { name: "two nodes in the browser", run: e2e::check_cluster },
    Step { name: "crash", run: crash::check },
    Step { name: "conformance", run: conform::all },
];

/// Runs the steps in order and stops at the first that fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let wanted = |step: &&Step| options.only.as_ref().is_none_or(|start| step.name.starts_with(start));
    let steps: Vec<&Step> = STEPS.iter().filter(wanted).collect();
    if steps.is_empty() {
        let names = STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
        bail!("no step begins so; the steps are {names}");
    }
    let whole = Stopwatch::start();
    for (index, step) in steps.iter().enumerate() {
        println!("\n== {} of {}: {}", index + 1, steps.len(), step.name);
        let watch = Stopwatch::start();
        let outcome = (step.run)();
        println!("== {} took {}", step.name, seconds(watch.elapsed()));
        if outcome.is_err() {
            println!("\n{index} passed, 1 failed");
        }
        outcome.with_context(|| format!("the step \"{}\" failed", step.name))?;
    }
    println!("\nall in {}\n{} passed, 0 failed", seconds(whole.elapsed()), steps.len());
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn format() -> Result<()> {
    shell::run(&mut shell::cargo(&["fmt", "--all", "--check"])).context("`cargo fmt --all` mends it")
}

fn clippy() -> Result<()> {
    shell::run(&mut shell::cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny",
        "warnings",
    ]))
}

/// Under nextest each test is a process of its own, so the PostgreSQL that they share is started here, once.
fn tests() -> Result<()> {
    services::ensure()?;
    let postgres = services::for_tests()?;
    let mut tests = if shell::works(&mut shell::cargo(&["nextest", "--version"])) {
        shell::cargo(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])
    } else {
        shell::cargo(&["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast"])
    };
    shell::run(tests.env(TEST_POSTGRES, postgres.url("postgres")))
}

fn documentation_tests() -> Result<()> {
    shell::run(&mut shell::cargo(&["test", "--workspace", "--doc", "--locked"]))
}
