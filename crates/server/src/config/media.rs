//! From the configured media to what the media node is given.
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use offhook_media::MediaConfig;
use offhook_sfu::Limits;

use super::{Config, Media, Turn};

/// The longest time for which a TURN password may be good. More lets who was removed use the relay for longer.
const MAX_TURN_TTL_S: u64 = 86_400;

/// The setting of the media node.
///
/// # Errors
/// Says which value is not valid, and why.
pub(crate) fn media(media: &Media) -> anyhow::Result<MediaConfig> {
    ensure!(!media.udp.is_empty(), "media.udp names no address; set media.enabled = false to carry no media");
    ensure!(
        media.max_load > 0.0 && media.max_load <= 1.0,
        "media.max_load is a share of a core: above 0, at most 1"
    );
    let counts = [
        ("lease_s", media.lease_s),
        ("signaling_lease_s", media.signaling_lease_s),
        ("max_members", media.max_members.into()),
        ("max_tracks", media.max_tracks as u64),
        ("max_publish_kbps", media.max_publish_kbps),
        ("messages_per_s", media.messages_per_s.into()),
    ];
    for (name, value) in counts {
        ensure!(value > 0, "media.{name} is at least 1");
    }
    Ok(MediaConfig {
        announce: all("announce", &media.announce, |text| text.parse::<IpAddr>().ok())?,
        limits: Limits {
            connect_timeout: Duration::from_secs(media.connect_timeout_s),
            empty_room: Duration::from_secs(media.empty_room_s),
            lease: Duration::from_secs(media.lease_s),
            max_members: media.max_members,
            max_message_bytes: media.max_message_bytes,
            max_publish_bps: media.max_publish_kbps.saturating_mul(1_000),
            max_tracks: media.max_tracks,
            messages_per_s: media.messages_per_s,
            signaling_lease: Duration::from_secs(media.signaling_lease_s),
            ..Limits::default()
        },
        max_load: media.max_load,
        tcp: all("tcp", &media.tcp, |text| text.parse::<SocketAddr>().ok())?,
        udp: all("udp", &media.udp, |text| text.parse::<SocketAddr>().ok())?,
        workers: media.workers,
        ..MediaConfig::default()
    })
}

fn all<T>(name: &str, texts: &[String], read: impl Fn(&str) -> Option<T>) -> anyhow::Result<Vec<T>> {
    let what =
        if name == "announce" { "an IP address" } else { "an address with a port, like 127.0.0.1:7410" };
    texts
        .iter()
        .map(|text| read(text).with_context(|| format!("media.{name} names {text:?}, which is not {what}")))
        .collect()
}

/// Checks everything about media, whether it is enabled or not.
///
/// # Errors
/// Says which value is not valid, and why.
pub(crate) fn check_media(config: &Config) -> anyhow::Result<()> {
    media(&config.media)?;
    let Turn { secret, ttl_s, urls } = &config.turn;
    ensure!((1..=MAX_TURN_TTL_S).contains(ttl_s), "turn.ttl_s is 1 to {MAX_TURN_TTL_S}");
    for url in urls {
        let is_turn = url.starts_with("turn:") || url.starts_with("turns:");
        ensure!(is_turn, "turn.urls names {url:?}, which does not begin with turn: or turns:");
    }
    ensure!(
        urls.is_empty() || !secret.is_empty(),
        "turn.secret is empty: it is the one that the TURN servers know"
    );
    for app in &config.apps {
        ensure!(app.rooms.max_per_user > 0, "apps.rooms.max_per_user of app {} is at least 1", app.id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(media: Media, turn: Turn) -> String {
        let config = Config { media, turn, ..Config::default() };
        check_media(&config).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn the_defaults_of_rooms_are_those_of_the_machine() {
        let (ours, theirs) = (media(&Media::default()).expect("valid").limits, Limits::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }

    #[test]
    fn what_is_wrong_with_media_is_named() {
        let usual = Media::default;
        for (media, said) in [
            (Media { udp: vec![], ..usual() }, "media.udp names no address"),
            (Media { udp: vec!["7410".into()], ..usual() }, "media.udp names \"7410\""),
            (Media { tcp: vec!["localhost:1".into()], ..usual() }, "media.tcp names \"localhost:1\""),
            (Media { announce: vec!["1.2.3.4:5".into()], ..usual() }, "media.announce names"),
            (Media { max_load: 0.0, ..usual() }, "media.max_load"),
            (Media { max_load: 1.5, ..usual() }, "media.max_load"),
            (Media { lease_s: 0, ..usual() }, "media.lease_s is at least 1"),
            (Media { max_members: 0, ..usual() }, "media.max_members is at least 1"),
        ] {
            let refusal = refusal(media, Turn::default());
            assert!(refusal.starts_with(said), "{said}: {refusal}");
        }
        let odd = Media { announce: vec!["192.0.2.1".into(), "2001:db8::1".into()], tcp: vec![], ..usual() };
        assert_eq!(refusal(odd, Turn::default()), "");
    }

    #[test]
    fn what_is_wrong_with_turn_is_named_without_its_secret() {
        let turn = |urls: &[&str], secret: &str, ttl_s| Turn {
            urls: urls.iter().map(|&url| url.to_owned()).collect(),
            secret: secret.into(),
            ttl_s,
        };
        for (turn, said) in [
            (turn(&["turn:turn.example"], "", 60), "turn.secret is empty"),
            (turn(&["stun:turn.example"], "hush", 60), "turn.urls names"),
            (turn(&[], "", 0), "turn.ttl_s is 1 to"),
            (turn(&[], "", 86_401), "turn.ttl_s is 1 to"),
        ] {
            let refusal = refusal(Media::default(), turn.clone());
            assert!(refusal.starts_with(said), "{said}: {refusal}");
            assert!(!format!("{refusal}{turn:?}").contains("hush"));
        }
        assert_eq!(
            refusal(Media::default(), turn(&["turns:turn.example:443?transport=tcp"], "hush", 60)),
            ""
        );
    }
}
