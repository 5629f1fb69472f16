//! Where a connection leads, and requests that are to go there.
use std::{fmt, net::IpAddr};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Uri, header,
    uri::{Authority, PathAndQuery, Scheme},
};

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    host: String,
    is_tls: bool,
    port: u16,
}

impl Origin {
    /// Where a request to this URI goes; `None` for one that we do not go to.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let (is_tls, usual) = match uri.scheme_str()? {
            "https" => (true, 443),
            "http" => (false, 80),
            _ => return None,
        };
        let host = uri.host().filter(|host| !host.is_empty())?;
        if uri.authority()?.as_str().contains('@') {
            return None;
        }
        Some(Self { host: host.to_ascii_lowercase(), is_tls, port: uri.port_u16().unwrap_or(usual) })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The host without the brackets of an address of IPv6.
    pub(crate) fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether the name itself says that it is this machine.
    pub(crate) fn says_loopback(&self) -> bool {
        self.host() == "localhost" || self.host().parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    fn authority(&self) -> Authority {
        let usual = if self.is_tls { 443 } else { 80 };
        let authority =
            if self.port == usual { self.host.clone() } else { format!("{}:{}", self.host, self.port) };
        Authority::try_from(authority).expect("host and port of a URI")
    }

    /// Aims a request here: this origin takes the place of its own.
    pub(crate) fn aim(&self, request: &mut Request<Bytes>) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(if self.is_tls { Scheme::HTTPS } else { Scheme::HTTP });
        parts.authority = Some(self.authority());
        parts.path_and_query.get_or_insert_with(|| PathAndQuery::from_static("/"));
        *request.uri_mut() = Uri::from_parts(parts).expect("scheme, authority and path");
    }

    /// The request in the form of HTTP/1.1: the path alone, and the host beside it.
    pub(crate) fn to_http1(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let host = HeaderValue::try_from(self.authority().as_str()).expect("an authority is visible ASCII");
        request.headers_mut().insert(header::HOST, host);
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = path.unwrap_or_else(|| PathAndQuery::from_static("/")).into();
        request
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(uri: &str) -> Option<Origin> {
        Origin::of(&uri.parse().expect("a URI"))
    }

    #[test]
    fn an_origin_has_a_port_even_if_the_uri_names_none() {
        assert_eq!(origin("https://Push.example/a"), origin("https://push.example:443/b"));
        assert_ne!(origin("https://push.example/"), origin("http://push.example/"));
        for bad in ["ftp://push.example/", "/path", "https://user@push.example/"] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_request_is_aimed_elsewhere_with_its_path() {
        let mut request = Request::post("https://api.push.apple.com/3/device/00?x=1")
            .body(Bytes::new())
            .expect("a request");
        let base = origin("https://[::1]:2197").expect("an origin");
        base.aim(&mut request);
        assert_eq!(request.uri(), "https://[::1]:2197/3/device/00?x=1");
        let request = base.to_http1(request);
        assert_eq!(request.uri(), "/3/device/00?x=1");
        assert_eq!(request.headers()["host"], "[::1]:2197");
    }

    #[test]
    fn loopback_is_what_says_so() {
        for (uri, says) in [
            ("http://127.0.0.1:80", true),
            ("http://[::1]", true),
            ("http://localhost:1", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(origin(uri).expect("an origin").says_loopback(), says, "{uri}");
        }
    }
}
