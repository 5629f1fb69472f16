//! Strict stand-ins for vendors, and a configuration that leads to them.
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use offhook_push::Signer;
use offhook_testing_vendors::{
    Apns, ApnsKey, ApnsOptions, Clock, Fcm, FcmOptions, PushService, PushServiceOptions, Server,
};
use serde_json::json;

const BUNDLE: &str = "com.example.app";
const KEY_ID: &str = "ABCDE12345";
const TEAM_ID: &str = "TEAM123456";

/// Apple's, Google's and a browser's services on this machine.
pub(crate) struct Vendors {
    pub(crate) apns: Server<Apns>,
    pub(crate) fcm: Server<Fcm>,
    pub(crate) web: Server<PushService>,
    /// The public half of the installation's key for browsers.
    pub(crate) web_key: String,
    files: Files,
}

struct Files {
    account: String,
    p8: String,
    vapid: String,
}

impl Vendors {
    pub(crate) async fn start() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let point = key.public_key().as_ref().to_vec();
        let known = ApnsKey { key_id: KEY_ID.into(), point, team_id: TEAM_ID.into() };
        let options =
            ApnsOptions { bundle: BUNDLE.into(), clock: clock(), keys: vec![known], most_streams: 1_000 };
        let apns = Apns::start(options).await.expect("a server");
        let (fcm, account) = google().await;
        let web = PushService::start(PushServiceOptions { clock: clock() }).await.expect("a server");
        let (vapid, web_key) = Signer::generate_halves().expect("a pair");
        let p8 = pem(key.to_pkcs8v1().expect("a document").as_ref());
        Self { apns, fcm, web, web_key, files: Files { account, p8, vapid } }
    }

    /// The blocks of the configuration that lead here; what they need lies in the folder.
    pub(crate) fn configuration(&self, folder: &Path) -> (String, String) {
        let file = |name: &str, text: &str| -> PathBuf {
            let path = folder.join(name);
            fs::write(&path, text).expect("the file is written");
            path
        };
        let roots = [
            self.apns.authority().root_pem(),
            self.fcm.authority().root_pem(),
            self.web.authority().root_pem(),
        ];
        let roots = file("roots.pem", &roots.concat());
        let (p8, account) = (file("key.p8", &self.files.p8), file("account.json", &self.files.account));
        let vapid = file("vapid.key", &self.files.vapid);
        let push = format!("[push]\nroots = [{roots:?}]\nallow_private = true\n");
        let resource = format!(
            "[[apps.push]]\nname = \"default\"\n\
             [apps.push.apns]\nbundle = \"{BUNDLE}\"\nkey_file = {p8:?}\nkey_id = \"{KEY_ID}\"\nteam_id = \"{TEAM_ID}\"\nbase_url = \"{}\"\n\
             [apps.push.fcm]\nservice_account_file = {account:?}\nbase_url = \"{}\"\n\
             [apps.push.web]\nsubject = \"mailto:operator@app.example\"\npublic_key = \"{}\"\nprivate_key_file = {vapid:?}\nhosts = [\"localhost\"]\n",
            self.apns.url(),
            self.fcm.url(),
            self.web_key,
        );
        (push, resource)
    }

    /// What the vendors saw that no vendor would have noticed, and yet is wrong.
    pub(crate) fn violations(&self) -> Vec<String> {
        [self.apns.violations(), self.fcm.violations(), self.web.violations()].concat()
    }
}

async fn google() -> (Server<Fcm>, String) {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let email = "calls@demo-project.example";
    let options = FcmOptions {
        clock: clock(),
        email: email.into(),
        project: "demo-project".into(),
        public_key: key.public_key().as_ref().to_vec(),
    };
    let server = Fcm::start(options).await.expect("a server");
    let document: Pkcs8V1Der<'_> = key.as_der().expect("a document");
    let account = json!({
        "client_email": email,
        "private_key": pem(document.as_ref()),
        "project_id": "demo-project",
        "token_uri": server.token_uri(),
    });
    (server, account.to_string())
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

#[expect(clippy::disallowed_methods, reason = "the vendors live in the time of the server that is tested")]
fn clock() -> Clock {
    Arc::new(|| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs()))
}
