//! From options to a node that runs.
use std::sync::{Arc, Mutex};

use async_nats::{Client, ConnectOptions, ServerAddr, Subject};
use futures_util::StreamExt as _;
use offhook_bus::adapter::{Backoff, Core, Identity, wire};
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    Credentials, MAX_MESSAGE, NatsBus, NatsOptions, StartError,
    carrier::NatsCarrier,
    interest::{self, Interest},
    subjects::{self, Subjects},
    tls, watch,
};

const _: () =
    assert!(MAX_MESSAGE + wire::OVERHEAD < 1024 * 1024, "a server takes 1 MiB unless it is told otherwise");

/// How many of the client's events may wait; what is lost is found by looking.
const EVENTS: usize = 256;

pub(crate) async fn start(options: NatsOptions) -> Result<NatsBus, StartError> {
    if !subjects::is_cluster(&options.cluster) {
        return Err(StartError::Cluster);
    }
    let servers = servers(&options.urls.0)?;
    let identity = Identity::draw(options.name.clone());
    let (events, heard) = mpsc::channel(EVENTS);
    let settings = settings(&options, &servers, &identity)?;
    let settings = watch::report_to(settings, events);
    let client = settings.connect(plain(servers)).await.map_err(StartError::Client)?;
    let subjects = Subjects::new(&options.cluster, identity.id);
    let carrier = Arc::new(NatsCarrier::new(client, subjects));
    let core = Arc::new(Core::new(identity, carrier, MAX_MESSAGE, watch::unreached()));
    let interest = Arc::new(Interest::new());
    let mut tasks = JoinSet::new();
    hear(&core, &mut tasks).await;
    tasks.spawn(interest::follow(Arc::clone(&interest), Arc::clone(&core)));
    tasks.spawn(watch::watch(Arc::clone(&core), heard));
    let running = Arc::clone(&core);
    tasks.spawn(async move { running.run().await });
    Ok(NatsBus { core, interest, tasks: Mutex::new(tasks) })
}

fn servers(urls: &[String]) -> Result<Vec<ServerAddr>, StartError> {
    if urls.is_empty() {
        return Err(StartError::NoUrl);
    }
    let parse = |(url, number): (&String, usize)| {
        let server: Option<ServerAddr> = url.parse().ok();
        let server = server.filter(|server| ["nats", "tls"].contains(&server.scheme()));
        server.ok_or(StartError::Url { number })
    };
    urls.iter().zip(1..).map(parse).collect()
}

/// The servers without what stands before the host, which the client would show in its log.
fn plain(servers: Vec<ServerAddr>) -> Vec<ServerAddr> {
    let without_secrets = |server: ServerAddr| {
        let mut url = server.into_inner();
        // Both fail for URLs without a host alone, which have no such part.
        let _ = (url.set_username(""), url.set_password(None));
        ServerAddr::from_url(url).expect("its scheme is as it was")
    };
    servers.into_iter().map(without_secrets).collect()
}

fn settings(
    options: &NatsOptions,
    servers: &[ServerAddr],
    identity: &Identity,
) -> Result<ConnectOptions, StartError> {
    let settings = ConnectOptions::new()
        .name(identity.label())
        .no_echo()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(delay)
        .connection_timeout(options.connect_timeout)
        .ping_interval(watch::PING_EVERY)
        .client_capacity(options.queue.max(1))
        .subscription_capacity(options.backlog.max(1))
        .tls_client_config(tls::config(options.roots.as_deref())?);
    show_who_we_are(settings, options.credentials.clone(), servers)
}

fn show_who_we_are(
    settings: ConnectOptions,
    credentials: Credentials,
    servers: &[ServerAddr],
) -> Result<ConnectOptions, StartError> {
    Ok(match credentials {
        Credentials::File(contents) => {
            settings.credentials(&contents).map_err(|_| StartError::Credentials)?
        }
        Credentials::Nkey(seed) if !is_seed(&seed) => return Err(StartError::Credentials),
        Credentials::Nkey(seed) => settings.nkey(seed),
        Credentials::Token(token) => settings.token(token),
        Credentials::User { name, password } => settings.user_and_password(name, password),
        Credentials::None => {
            let shown = servers.iter().find_map(|server| Some((server.username()?, server.password())));
            match shown {
                Some((name, Some(password))) => {
                    settings.user_and_password(name.to_owned(), password.to_owned())
                }
                Some((token, None)) => settings.token(token.to_owned()),
                None => settings,
            }
        }
    })
}

/// Whether the text has the form of a user's seed; the client looks at it only when it connects.
fn is_seed(text: &str) -> bool {
    text.len() == 58
        && text.starts_with("SU")
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The wait before an attempt; the client counts them.
fn delay(attempt: usize) -> std::time::Duration {
    match attempt {
        0 | 1 => std::time::Duration::ZERO,
        more => Backoff::delay(u32::try_from(more - 2).unwrap_or(u32::MAX)),
    }
}

/// Hears what is for every node, for this one, and what the server has to say of questions.
async fn hear(core: &Arc<Core<NatsCarrier>>, tasks: &mut JoinSet<()>) {
    let subjects = core.carrier().subjects();
    for subject in [&subjects.nodes, &subjects.mine, &subjects.all] {
        let hearing = Arc::clone(core);
        pass_on(core.carrier().client(), subject.clone(), tasks, move |message| {
            hearing.receive(&message.payload)
        })
        .await;
    }
    let hearing = Arc::clone(core);
    pass_on(core.carrier().client(), subjects.refusals(), tasks, move |message| {
        if let Some(number) = hearing.carrier().subjects().refused(&message.subject) {
            hearing.questions().refuse(number);
        }
    })
    .await;
}

async fn pass_on(
    client: &Client,
    subject: Subject,
    tasks: &mut JoinSet<()>,
    hear: impl Fn(async_nats::Message) + Send + 'static,
) {
    // The client is fresh and its queue is empty, so this neither waits nor fails.
    if let Ok(mut messages) = client.subscribe(subject).await {
        tasks.spawn(async move {
            while let Some(message) = messages.next().await {
                hear(message);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_shown_without_secrets() {
        let read = servers(&["nats://zoe:secret@a:4222".to_owned(), "tls://b".to_owned()]).unwrap();
        assert_eq!(read[0].password(), Some("secret"));
        let shown = format!("{:?}", plain(read));
        assert!(!shown.contains("secret") && !shown.contains("zoe"), "{shown}");
        assert!(matches!(servers(&[]), Err(StartError::NoUrl)));
        let wrong = servers(&["nats://a".to_owned(), "http://b:secret@c".to_owned()]).unwrap_err();
        assert!(wrong.to_string().starts_with("URL 2"), "{wrong}");
    }

    #[test]
    fn seeds_have_a_form() {
        assert!(is_seed("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"));
        assert!(!is_seed("SUACSSL3"));
        assert!(!is_seed("UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4XX"), "a public key");
    }
}
