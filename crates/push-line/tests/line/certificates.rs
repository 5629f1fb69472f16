//! Whom this side trusts, and the certificate that it shows.
use offhook_push::testing::order;
use offhook_push::{Kind, Verdict};
use offhook_push_apns::Credential;
use offhook_push_line::{Identity, InvalidIdentity, Line, LineConfig, LineError};
use offhook_testing_vendors::{Apns, ApnsOptions, Authority, Server};
use offhook_types::Timestamp;
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject as _};

use crate::stage::{Apple, BUNDLE, Clock, config, device, provider};

/// Made with the command-line tool of OpenSSL; tests/identities/README.md says how.
const MODERN: &[u8] = include_bytes!("../identities/modern.p12");
const LEGACY: &[u8] = include_bytes!("../identities/legacy.p12");
const CERTIFICATE_ALONE: &[u8] = include_bytes!("../identities/certificate-alone.p12");

async fn apple_of_certificates() -> Server<Apns> {
    let clock = Clock::new().theirs();
    let options = ApnsOptions { bundle: BUNDLE.into(), clock, keys: Vec::new(), most_streams: 1_000 };
    Apns::start(options).await.expect("a server")
}

/// As a keychain exports it, in the old or the new way.
fn p12(authority: &Authority, encryption: EncryptionAlgorithm, mac: MacAlgorithm) -> Vec<u8> {
    let (certificate, key) = authority.client("VoIP Services: com.example.app").expect("a certificate");
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    let chain = PrivateKeyChain::new(
        "1",
        PrivateKey::from_der(key.secret_pkcs8_der()).expect("a key"),
        [Certificate::from_der(&certificate).expect("a certificate")],
    );
    let mut store = KeyStore::new();
    store.add_entry("voip", KeyStoreEntry::PrivateKeyChain(chain));
    let writer = store.writer("changeit").encryption_algorithm(encryption).mac_algorithm(mac);
    writer.write().expect("a file")
}

async fn verdict(server: &Server<Apns>, identity: Option<Identity>) -> (Verdict, Line) {
    let config = LineConfig {
        base_url: Some(server.url().parse().expect("a URL")),
        roots: vec![server.ca()],
        identity,
        ..config()
    };
    let line = Line::new(provider(Credential::Certificate), config, Clock::new().ours()).expect("a line");
    let verdict = line.send(&order(Kind::Ring), &device("00ff")).await.expect("can be sent");
    (verdict, line)
}

#[tokio::test]
async fn a_certificate_takes_the_place_of_a_token() {
    let server = apple_of_certificates().await;
    for (encryption, mac) in [
        (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256),
        (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1),
    ] {
        let file = p12(server.authority(), encryption, mac);
        let identity = Identity::from_p12(&file, "changeit").expect("an identity");
        let expires = identity.expires();
        let (verdict, line) = verdict(&server, Some(identity)).await;
        assert_eq!(verdict.as_str(), "accepted");
        assert_eq!(line.state().identity_expires, Some(expires));
    }
    assert_eq!(server.violations(), [""; 0]);
}

#[tokio::test]
async fn a_certificate_that_the_vendor_does_not_take_is_a_refused_credential() {
    let server = apple_of_certificates().await;
    let stranger = Authority::new().expect("an authority");
    let file = p12(&stranger, EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256);
    let identity = Identity::from_p12(&file, "changeit").expect("an identity");
    let (refused, line) = verdict(&server, Some(identity)).await;
    assert_eq!(refused.as_str(), "credential_refused", "{refused:?}");
    assert!(line.state().refused.is_some_and(|why| why.contains("client certificate")));
    let (without, _) = verdict(&server, None).await;
    assert_eq!(without.as_str(), "unavailable");
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_vendor_whom_nobody_vouches_for_gets_nothing_and_the_line_says_what_to_do() {
    let apple = Apple::start().await;
    let stranger = Authority::new().expect("an authority");
    let line = Line::new(
        provider(Credential::Certificate),
        LineConfig {
            base_url: Some(apple.server.url().parse().expect("a URL")),
            roots: vec![stranger.root()],
            ..config()
        },
        apple.clock.ours(),
    )
    .expect("a line");
    let verdict = line.send(&order(Kind::Ring), &device("00ff")).await;
    assert_eq!(verdict, Ok(Verdict::Unavailable { after: None }));
    let why = line.state().last_failure.expect("a sentence");
    assert!(why.contains("add its root"), "{why}");
    assert_eq!(apple.server.count(), 0);
}

#[test]
fn files_of_another_tool_are_read_in_the_new_and_the_old_form() {
    // As `openssl x509 -enddate` says it.
    let expires = Timestamp::from_millis(2_426_028_387_000);
    for file in [MODERN, LEGACY] {
        assert_eq!(Identity::from_p12(file, "changeit").expect("an identity").expires(), expires);
        let wrong = Identity::from_p12(file, "another").map(|_| ());
        assert_eq!(wrong, Err(InvalidIdentity::Unreadable));
    }
}

#[test]
fn what_is_no_identity_is_refused_and_an_identity_hides() {
    let refused = |file: &[u8]| Identity::from_p12(file, "changeit").map(|_| ()).expect_err("none");
    assert_eq!(refused(b""), InvalidIdentity::Unreadable);
    assert_eq!(refused(&MODERN[..MODERN.len() / 2]), InvalidIdentity::Unreadable);
    assert_eq!(refused(&[MODERN, &[0; 65_536]].concat()), InvalidIdentity::Unreadable);
    assert_eq!(refused(CERTIFICATE_ALONE), InvalidIdentity::Key);
    let identity = Identity::from_p12(MODERN, "changeit").expect("an identity");
    assert_eq!(format!("{identity:?}"), "Identity { expires: Timestamp(2426028387000), .. }");
}

#[test]
fn a_broken_file_is_refused_or_read_and_never_a_panic() {
    for file in [MODERN, LEGACY] {
        for length in (0..file.len()).step_by(37) {
            let cut = Identity::from_p12(&file[..length], "changeit").map(|_| ());
            assert_eq!(cut, Err(InvalidIdentity::Unreadable), "{length}");
        }
        for at in (0..file.len()).step_by(29) {
            let mut bent = file.to_vec();
            bent[at] ^= 0x55;
            let _ = Identity::from_p12(&bent, "changeit"); // Either will do.
        }
    }
}

#[test]
fn a_line_that_cannot_be_is_refused_at_once() {
    let line = |config: LineConfig| {
        Line::new(provider(Credential::Certificate), config, Clock::new().ours()).map(|_| ())
    };
    for url in ["http://relay.example/", "https://relay.example/path", "relay.example", "ftp://localhost/"] {
        let config = LineConfig { base_url: Some(url.parse().expect("a URI")), ..config() };
        assert!(matches!(line(config), Err(LineError::BaseUrl)), "{url}");
    }
    for url in ["http://127.0.0.1:8080", "http://localhost", "https://relay.example"] {
        line(LineConfig { base_url: Some(url.parse().expect("a URI")), ..config() }).expect(url);
    }
    let junk = LineConfig { roots: vec![CertificateDer::from(vec![1, 2, 3])], ..config() };
    assert!(matches!(line(junk), Err(LineError::Root(_))));
}
