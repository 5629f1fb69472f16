//! Puts the demo's files into the binary: `apps/demo/dist`, as `cargo xtask web` has built it, and `apps/demo/plain`, which
//! needs no building. Without the first the binary builds as well, and its page says what is missing.
use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// The path that a folder is served under, and the folder.
const FOLDERS: [(&str, &str); 2] = [("", "dist"), ("/demo", "plain")];

fn main() -> io::Result<()> {
    let demo = environment("CARGO_MANIFEST_DIR").join("../../apps/demo").canonicalize()?;
    let mut table = String::from("&[\n");
    for (prefix, name) in FOLDERS {
        let folder = demo.join(name);
        if folder.is_dir() {
            println!("cargo::rerun-if-changed={}", folder.display());
            add(&mut table, prefix, &folder)?;
        } else {
            // A path that does not exist would have cargo build this crate anew each time.
            println!("cargo::rerun-if-changed={}", demo.display());
        }
    }
    table.push(']');
    fs::write(environment("OUT_DIR").join("pages.rs"), table)
}

/// Writes a line for each file in the folder and below: the path it is served at, its bytes, its type.
fn add(table: &mut String, prefix: &str, folder: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().expect("the demo's files have names of ASCII");
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            add(table, &path, &entry.path())?;
        } else if let Some(kind) = content_type(&name) {
            let file = entry.path();
            writeln!(table, "    ({path:?}, include_bytes!({file:?}).as_slice(), {kind:?}),")
                .expect("memory");
        }
    }
    Ok(())
}

/// The content type that a file is served with; `None` for one that is not served: tests, source maps.
fn content_type(name: &str) -> Option<&'static str> {
    if name.ends_with(".test.js") {
        return None;
    }
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script everything through the environment"
)]
fn environment(name: &str) -> PathBuf {
    env::var(name).expect("cargo sets it").into()
}
