//! Prints the OpenAPI document: `cargo run -p offhook-gateway --example openapi > docs/openapi.json`.
use std::io::{self, Write};

fn main() -> io::Result<()> {
    let text = serde_json::to_string_pretty(&offhook_gateway::openapi()).map_err(io::Error::other)?;
    writeln!(io::stdout(), "{text}")
}
