//! What `listen` and `call` share: a runtime, a token and a connection.
use std::{future::Future, io::ErrorKind, process};

use anyhow::{Context as _, bail};
use offhook_client::{Client, Config, Events, TokenSource};
use offhook_signaling::Platform;
use offhook_types::{DeviceId, UserId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
};

use crate::cli::ConnectionArgs;

/// Runs a tool to its end.
///
/// # Errors
/// Whatever the tool's errors are; a reader of its output that has gone away is none.
pub(crate) fn block_on(tool: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime =
        Builder::new_current_thread().enable_all().build().context("the async runtime cannot start")?;
    let result = runtime.block_on(tool);
    match result {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        other => other,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Connects as the user of the command line.
///
/// # Errors
/// The names are not valid, there is no token, or the server does not let the user in.
pub(crate) async fn connect(args: &ConnectionArgs) -> anyhow::Result<(Client, Events)> {
    let host = args
        .server
        .strip_prefix("http://")
        .context("--server begins with http://; a server behind TLS is reached through its proxy's address")?
        .trim_end_matches('/')
        .to_owned();
    UserId::new(&args.user).context("--user is not a user's id")?;
    let device = args.device.clone().unwrap_or_else(|| format!("terminal-{}", process::id()));
    let device = DeviceId::new(device).context("--device is not a device's id")?;
    let token = match &args.token {
        Some(token) => token.clone(),
        None => dev_token(&host, &args.user).await?,
    };
    let config =
        Config::new(format!("ws://{host}/v1/ws"), device, Platform::Linux, TokenSource::fixed(token));
    Client::connect(config).context("--server is not the address of a server")
}

/// Asks a server that was started by `offhook dev` for a token.
async fn dev_token(host: &str, user: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(host).await.with_context(|| {
        format!("nobody listens on {host}: start `offhook dev` first, or name another --server")
    })?;
    let request = format!(
        "GET /dev/token?user={} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        escaped(user)
    );
    stream.write_all(request.as_bytes()).await.context("the server hangs up")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.context("the server's answer cannot be read")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the server's answer is not HTTP")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        bail!("{host} gives no tokens, so it was not started by `offhook dev`: pass one with --token");
    }
    Ok(body.trim().to_owned())
}

/// Percent-encodes everything that a query may not hold as it is (RFC 3986, section 2.3).
fn escaped(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}
