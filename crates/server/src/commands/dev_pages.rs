//! The pages of `offhook dev`: the demo, which is in the binary, and the endpoints that it needs beside `/v1`.
use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use offhook_types::UserId;
use serde::Deserialize;

use super::{
    dev::APP,
    dev_people::{self, Neighborhood},
    token,
};
use crate::{config::Config, node::Node, pushes::DevOffice};

/// What the binary holds of the demo: path, content, type. Made by `build.rs`.
const FILES: &[(&str, &[u8], &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));
/// The page of the app, whatever the address says.
const APP_PAGE: &str = "/index.html";
/// A room without a call, for tests and for a look at what media does.
const ROOM_PAGE: &str = "/demo/room/room.html";
/// Vite puts a hash of the content into the names of these.
const HASHED: &str = "/assets/";
const NOT_BUILT: &str =
    "The demo is not in this binary: run `cargo xtask web`, build the server again, and start it.\n";

/// Nothing from elsewhere, nothing inline, and no text that could become markup.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types offhook-service-worker";

/// The demo, its tokens, and who is there.
///
/// # Errors
/// One of `users` is no user's id.
pub(super) fn router(
    config: Arc<Config>,
    (node, office): (&Node, Arc<DevOffice>),
    users: &[String],
) -> anyhow::Result<Router> {
    let pages = Router::new()
        .route("/", get(|| async { page(APP_PAGE) }))
        .route("/dev/push", get(|| async { page(APP_PAGE) }))
        .route("/room", get(|| async { page(ROOM_PAGE) }))
        .route("/u/{user}", get(|Path(user): Path<String>| async move { page_of(user) }))
        .route(
            "/u/{user}/{place}",
            get(|Path((user, _)): Path<(String, String)>| async move { page_of(user) }),
        )
        .route("/dev/token", get(dev_token))
        .with_state(config);
    let people = Router::new()
        .route("/dev/people", get(dev_people::list))
        .with_state(Arc::new(Neighborhood::new(node, office, users)?));
    Ok(FILES.iter().fold(pages.merge(people), |pages, (path, content, kind)| {
        pages.route(path, get(move || async move { file(path, content, kind) }))
    }))
}

/// The app as somebody.
fn page_of(user: String) -> Response {
    match UserId::new(user) {
        Ok(_) => page(APP_PAGE),
        Err(error) => (StatusCode::NOT_FOUND, error.to_string()).into_response(),
    }
}

fn page(path: &str) -> Response {
    match FILES.iter().find(|(known, ..)| *known == path) {
        Some((path, content, kind)) => file(path, content, kind),
        None => (StatusCode::NOT_FOUND, NOT_BUILT).into_response(),
    }
}

fn file(path: &str, content: &'static [u8], kind: &'static str) -> Response {
    // What bears a hash never changes; of the rest, a server built anew has newer ones.
    let caching = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
    ];
    (headers, content).into_response()
}

#[derive(Deserialize)]
struct TokenQuery {
    /// Without one, the token is for the app's back end.
    user: Option<String>,
}

async fn dev_token(State(config): State<Arc<Config>>, Query(query): Query<TokenQuery>) -> Response {
    let minted = match query.user {
        None => token::for_back_end(&config, APP, None),
        Some(user) => UserId::new(user)
            .map_err(anyhow::Error::from)
            .and_then(|user| token::for_user(&config, APP, user, None)),
    };
    match minted {
        Ok(token) => ([(header::CACHE_CONTROL, "no-store")], token).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error:#}")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_path_of_its_own_and_none_is_a_test() {
        let mut paths: Vec<&str> = FILES.iter().map(|(path, ..)| *path).collect();
        paths.sort_unstable();
        assert!(paths.windows(2).all(|pair| pair[0] != pair[1]), "{paths:?}");
        assert!(paths.iter().all(|path| path.starts_with('/') && !path.contains(".test.")), "{paths:?}");
        assert!(paths.contains(&ROOM_PAGE));
    }

    #[test]
    fn what_bears_a_hash_is_kept_and_the_rest_is_asked_for_anew() {
        let caching = |path| file(path, b"", "text/css").headers()[header::CACHE_CONTROL].clone();
        assert_eq!(caching("/index.html"), "no-cache");
        assert!(caching("/assets/index-0.css").to_str().expect("text").ends_with("immutable"));
    }
}
