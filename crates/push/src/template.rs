//! Texts with places for what is known of a call.
use std::fmt::Write as _;

/// The longest template, in bytes.
const MOST_BYTES: usize = 512;

/// A notification's line as an app words it: `{caller} is calling`. `{{` and `}}` stand for braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Place(Place),
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Body,
    Caller,
    Media,
    Title,
}

/// What may stand in the places.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'a> {
    /// `{body}`: the caller's own second line.
    pub body: &'a str,
    /// `{caller}`: the caller's name, or their id if they have none.
    pub caller: &'a str,
    /// `{media}`: `audio` or `video`.
    pub media: &'a str,
    /// `{title}`: the caller's own first line.
    pub title: &'a str,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// A place that there is not.
    #[error("there is no {{{0}}}: body, caller, media and title there are; for a brace write it twice")]
    NoSuchPlace(String),
    /// Longer than 512 bytes.
    #[error("a template has at most 512 bytes")]
    TooLong,
    /// A brace without its partner.
    #[error("a brace without its partner: for a brace write it twice")]
    Unbalanced,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`InvalidTemplate`].
    pub fn new(text: &str) -> Result<Self, InvalidTemplate> {
        if text.len() > MOST_BYTES {
            return Err(InvalidTemplate::TooLong);
        }
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let (name, after) = match (brace, rest.split_once('}')) {
                ("{", Some(halves)) => halves,
                _ => return Err(InvalidTemplate::Unbalanced),
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Place(Place::named(name)?));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// The text, with these words in their places.
    #[must_use]
    pub fn fill(&self, words: Words<'_>) -> String {
        let mut text = String::new();
        for part in &self.0 {
            let piece = match part {
                Part::Text(plain) => plain,
                Part::Place(Place::Body) => words.body,
                Part::Place(Place::Caller) => words.caller,
                Part::Place(Place::Media) => words.media,
                Part::Place(Place::Title) => words.title,
            };
            let _ = text.write_str(piece); // A string takes everything.
        }
        text
    }
}

impl Place {
    fn named(name: &str) -> Result<Self, InvalidTemplate> {
        Ok(match name {
            "body" => Self::Body,
            "caller" => Self::Caller,
            "media" => Self::Media,
            "title" => Self::Title,
            _ => return Err(InvalidTemplate::NoSuchPlace(name.to_owned())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words<'_> =
        Words { body: "Video call", caller: "Alice {x}", media: "video", title: "Alice" };

    fn filled(template: &str) -> String {
        Template::new(template).expect("a template").fill(WORDS)
    }

    #[test]
    fn places_are_filled_and_what_fills_them_is_not_looked_into() {
        assert_eq!(filled("{caller} is calling"), "Alice {x} is calling");
        assert_eq!(filled("{title}: {body} ({media})"), "Alice: Video call (video)");
        assert_eq!(filled("Somebody calls"), "Somebody calls");
        assert_eq!(filled(""), "");
        assert_eq!(filled("{{caller}} 来电 {media}"), "{caller} 来电 video");
    }

    #[test]
    fn what_cannot_be_filled_is_refused() {
        for unbalanced in ["{", "}", "a } b", "{caller", "{{caller}"] {
            assert_eq!(Template::new(unbalanced), Err(InvalidTemplate::Unbalanced), "{unbalanced}");
        }
        assert_eq!(Template::new("{callee}"), Err(InvalidTemplate::NoSuchPlace("callee".into())));
        assert_eq!(Template::new("{}"), Err(InvalidTemplate::NoSuchPlace(String::new())));
        assert_eq!(Template::new(&"x".repeat(513)), Err(InvalidTemplate::TooLong));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,600}") {
            if let Ok(template) = Template::new(&text) {
                let filled = template.fill(Words::default());
                proptest::prop_assert!(filled.len() <= text.len());
            }
        }
    }
}
