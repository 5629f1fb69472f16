//! Schemathesis: requests made up from our OpenAPI document, well-formed and not, held against what it promises.
use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::{
    shell,
    tools::{self, Setup},
};

const VERSION: &str = "4.32.0";

/// Requests made up for each operation. More find rarer faults and take longer, in proportion.
const EXAMPLES: &str = "200";

/// A fixed seed: a change that passed must pass again.
const SEED: &str = "1";

/// Hands the token over by the environment, so that no command line and no message shows it.
///
/// A well-formed request may still break a rule (an invite of nobody but oneself): that is a 422.
const CONFIGURATION: &str = r#"
headers = { Authorization = "Bearer ${OFFHOOK_TOKEN}" }

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429", "5xx"]
"#;

/// The installed tool.
pub(crate) struct Schemathesis {
    environment: PathBuf,
}

/// Installs the tool into an environment of its own under `target/tools` (a quarter of a minute).
pub(crate) fn set_up() -> Result<Setup<Schemathesis>> {
    let environment = tools::folder().join("schemathesis");
    if !environment.join("bin/schemathesis").is_file() {
        if !shell::works(shell::program("python3").args(["-m", "venv", "--clear"]).arg(&environment)) {
            let why = "there is no `python3` with venv; `apt-get install python3-venv` gets it";
            return Ok(Setup::Unavailable(why.to_owned()));
        }
        let mut install = shell::program(environment.join("bin/pip"));
        install.args(["install", "--quiet", "--disable-pip-version-check"]);
        shell::run(install.arg(format!("schemathesis=={VERSION}")))?;
    }
    Ok(Setup::Ready(Schemathesis { environment }))
}

impl Schemathesis {
    /// Tries every operation of the server at `base` (`http://127.0.0.1:…`), with this server token; an error if an
    /// answer was not one that the document promises. The findings are printed with the requests that show them.
    pub(crate) fn run(&self, base: &str, token: &str) -> Result<()> {
        let work = tools::folder().join("schemathesis-run"); // The tool leaves its notes where it is started.
        fs::create_dir_all(&work)?;
        let configuration = work.join("schemathesis.toml");
        fs::write(&configuration, CONFIGURATION)?;
        let mut run = shell::program(self.environment.join("bin/schemathesis"));
        run.current_dir(&work).arg("--config-file").arg(&configuration).env("OFFHOOK_TOKEN", token);
        run.args([
            "run",
            "--max-examples",
            EXAMPLES,
            "--seed",
            SEED,
            "--phases",
            "examples,coverage,fuzzing",
        ]);
        shell::run(run.arg(format!("{base}/v1/openapi.json")))
    }
}
