//! Where the server may listen.
use anyhow::{Context as _, bail};

use super::Server;

/// Checks that tokens will not cross a network in clear text.
///
/// # Errors
/// The address is none, or reaches beyond this machine with no proxy in front that ends TLS.
pub(crate) fn check_listen(server: &Server) -> anyhow::Result<()> {
    let Some((host, _)) = server.listen.rsplit_once(':') else {
        bail!("server.listen is an address with a port, like 127.0.0.1:7400");
    };
    if server.behind_proxy || host == "localhost" {
        return Ok(());
    }
    let address: std::net::IpAddr = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .with_context(|| format!("server.listen names {host:?}, which is no IP address"))?;
    if !address.is_loopback() {
        bail!(
            "server.listen reaches beyond this machine, where tokens must travel under TLS: put a proxy in front that \
             ends TLS and set server.behind_proxy"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(listen: &str, behind_proxy: bool) -> Server {
        Server { listen: listen.into(), behind_proxy, ..Server::default() }
    }

    #[test]
    fn only_a_proxy_in_front_opens_the_server_to_the_outside() {
        for (listen, behind_proxy, is_fine) in [
            ("127.0.0.1:7400", false, true),
            ("[::1]:7400", false, true),
            ("localhost:7400", false, true),
            ("0.0.0.0:7400", false, false),
            ("[::]:7400", false, false),
            ("192.0.2.1:7400", false, false),
            ("0.0.0.0:7400", true, true),
            ("7400", false, false),
        ] {
            assert_eq!(
                check_listen(&server(listen, behind_proxy)).is_ok(),
                is_fine,
                "{listen} {behind_proxy}"
            );
        }
    }
}
