//! A look over a session description before str0m gets it: what it may hold, and what it says of its media sections.
//!
//! str0m changes itself while it reads a description, and cannot go back. Whatever it would stumble over is therefore
//! refused here first, so that a bad description changes nothing.
use std::collections::BTreeSet;

use crate::Refusal;

/// The longest `mid` that str0m carries; longer ones it would cut.
const MAX_MID_BYTES: usize = 16;

/// Encodings of one track. Browsers send three.
const MAX_RIDS: usize = 4;

/// Media sections that any description may have: ours and the client's together. More costs us, and it, the parsing.
pub(crate) const MAX_SECTIONS: usize = 96;

/// What a media section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Data channels.
    Application,
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// A media section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    pub(crate) mid: String,
    /// The encodings that it sends, in the order given.
    pub(crate) rids: Vec<String>,
    /// Whether the side that wrote it sends.
    pub(crate) sends: bool,
}

impl Section {
    /// Whether it is the same as another, as far as the order of sections goes.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.kind == other.kind && self.mid == other.mid
    }
}

/// A description that str0m can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    /// The certificate's fingerprint: whose connection it is.
    pub(crate) fingerprint: String,
    pub(crate) sections: Vec<Section>,
    /// Without candidates: we answer to where packets come from, and ask nobody whom a stranger names.
    pub(crate) text: String,
}

/// The sections of a description of ours.
pub(crate) fn sections_of(text: &str) -> Option<Vec<Section>> {
    let mut draft = Draft { is_ours: true, ..Draft::default() };
    for line in text.lines() {
        draft.take(line)?;
    }
    Some(draft.sections)
}

#[derive(Default)]
struct Draft {
    is_ours: bool,
    bundle: Option<Vec<String>>,
    fingerprint: Option<String>,
    sections: Vec<Section>,
    session_sends: Option<bool>,
    text: String,
    has_password: bool,
    has_ufrag: bool,
}

impl Description {
    /// Looks a text over.
    ///
    /// # Errors
    /// [`Refusal::BadSdp`].
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        let mut draft = Draft { text: String::with_capacity(text.len()), ..Draft::default() };
        for line in text.lines() {
            draft.take(line).ok_or(Refusal::BadSdp)?;
        }
        draft.finish().ok_or(Refusal::BadSdp)
    }

    /// The section of this name.
    pub(crate) fn section(&self, mid: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.mid == mid)
    }
}

impl Draft {
    /// `None` if the line makes the description bad.
    fn take(&mut self, line: &str) -> Option<()> {
        let (kind, value) = line.split_once('=').filter(|(kind, _)| kind.len() == 1)?;
        match kind {
            "m" => self.begin_section(value)?,
            "a" => {
                if value.starts_with("candidate:") || value == "end-of-candidates" {
                    return Some(());
                }
                self.attribute(value)?;
            }
            _ => {}
        }
        self.text.push_str(line);
        self.text.push_str("\r\n");
        Some(())
    }

    fn begin_section(&mut self, value: &str) -> Option<()> {
        if self.sections.len() >= MAX_SECTIONS {
            return None;
        }
        let mut words = value.split(' ');
        let (media, port, protocol) = (words.next()?, words.next()?, words.next()?);
        let kind = match (media, protocol) {
            ("application", "UDP/DTLS/SCTP") => Kind::Application,
            ("audio", "UDP/TLS/RTP/SAVPF") => Kind::Audio,
            ("video", "UDP/TLS/RTP/SAVPF") => Kind::Video,
            _ => return None,
        };
        port.parse::<u16>().ok()?;
        if kind == Kind::Application && self.sections.iter().any(|section| section.kind == kind) {
            return None;
        }
        let sends = self.session_sends.unwrap_or(true);
        self.sections.push(Section { kind, mid: String::new(), rids: Vec::new(), sends });
        Some(())
    }

    fn attribute(&mut self, attribute: &str) -> Option<()> {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name {
            "fingerprint" if self.fingerprint.is_none() => {
                self.fingerprint = Some(value.to_ascii_lowercase())
            }
            "group" => {
                let mids = value.strip_prefix("BUNDLE")?.split_ascii_whitespace().map(str::to_owned);
                self.bundle = Some(mids.collect());
            }
            // str0m and we cannot both wait to be asked.
            "ice-lite" if !self.is_ours => return None,
            "ice-pwd" => self.has_password |= !value.is_empty(),
            "ice-ufrag" => self.has_ufrag |= !value.is_empty(),
            "inactive" | "recvonly" => self.set_sends(false),
            "mid" => self.name_section(value)?,
            "rid" => self.add_rid(value)?,
            "sendonly" | "sendrecv" => self.set_sends(true),
            _ => {}
        }
        Some(())
    }

    fn set_sends(&mut self, sends: bool) {
        match self.sections.last_mut() {
            Some(section) => section.sends = sends,
            None => self.session_sends = Some(sends),
        }
    }

    fn name_section(&mut self, mid: &str) -> Option<()> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+.".contains(&byte);
        if mid.is_empty() || mid.len() > MAX_MID_BYTES || !mid.bytes().all(is_name) {
            return None;
        }
        let section = self.sections.last_mut().filter(|section| section.mid.is_empty())?;
        mid.clone_into(&mut section.mid);
        Some(())
    }

    fn add_rid(&mut self, value: &str) -> Option<()> {
        let mut words = value.split(' ');
        let (rid, direction) = (words.next()?, words.next()?);
        let section = self.sections.last_mut()?;
        let is_name =
            !rid.is_empty() && rid.len() <= 8 && rid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_name || section.rids.len() >= MAX_RIDS {
            return None;
        }
        if direction == "send" {
            section.rids.push(rid.to_owned());
        }
        Some(())
    }

    fn finish(self) -> Option<Description> {
        let mids: Vec<&str> = self.sections.iter().map(|section| section.mid.as_str()).collect();
        let unique: BTreeSet<&&str> = mids.iter().collect();
        let named = !mids.is_empty() && unique.len() == mids.len() && !unique.contains(&"");
        // One transport for all, in the order of the sections: str0m knows nothing else.
        let bundled = self.bundle.is_some_and(|bundle| bundle == mids);
        if !named || !bundled || !self.has_ufrag || !self.has_password {
            return None;
        }
        Some(Description { fingerprint: self.fingerprint?, sections: self.sections, text: self.text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        a=fingerprint:sha-256 AA:BB\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=candidate:1 1 udp 1 10.1.1.1 9 typ host\r\na=sendonly\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rid:q send\r\na=rid:f send\r\na=inactive\r\n";

    fn bad(from: &str, to: &str) {
        assert!(GOOD.contains(from), "{from}");
        assert_eq!(Description::read(&GOOD.replace(from, to)), Err(Refusal::BadSdp), "{from} as {to}");
    }

    #[test]
    fn sections_are_read_and_candidates_are_taken_out() {
        let description = Description::read(GOOD).unwrap();
        assert!(!description.text.contains("candidate"));
        assert_eq!(description.fingerprint, "sha-256 aa:bb");
        let audio = Section { kind: Kind::Audio, mid: "0".into(), rids: vec![], sends: true };
        let video =
            Section { kind: Kind::Video, mid: "1".into(), rids: vec!["q".into(), "f".into()], sends: false };
        assert_eq!(description.sections, [audio, video]);
    }

    #[test]
    fn what_str0m_could_not_take_back_is_refused() {
        bad("a=mid:1", "a=mid:0");
        bad("a=mid:1\r\n", "");
        bad("a=mid:1", "a=mid:12345678901234567");
        bad("BUNDLE 0 1", "BUNDLE 1 0");
        bad("BUNDLE 0 1", "BUNDLE 0");
        bad("BUNDLE 0 1", "LS 0 1");
        bad("a=fingerprint:sha-256 AA:BB\r\n", "");
        bad("a=ice-ufrag:abcd\r\n", "");
        bad("a=ice-pwd:0123456789012345678901\r\n", "");
        bad("a=ice-ufrag:abcd", "a=ice-lite");
        bad("m=video", "m=text");
        bad("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 UDP/TLS/RTP/?");
        bad("m=video 9", "m=video 99999");
        bad("a=rid:q send", "a=rid:q/ send");
        bad("s=-", "nonsense");
        bad("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0", "a=mid:0");
    }

    #[test]
    fn a_hundred_sections_are_too_many() {
        let mut text = GOOD.to_owned();
        for n in 2..100 {
            text += &format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{n}\r\n");
        }
        assert_eq!(Description::read(&text), Err(Refusal::BadSdp));
    }
}
