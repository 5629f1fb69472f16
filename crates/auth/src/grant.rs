//! What a verified token proves.
use std::sync::Arc;

use offhook_types::{Account, AppId, Opaque, Timestamp};

use crate::key::{Fingerprint, KeyId};

/// The identity that a user's token proves, and for how long. Only the verifiers of this crate make one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// Who the bearer is.
    pub account: Account,
    /// When the token ends, without leeway: the time to close an unrenewed socket counts from here.
    pub expires: Timestamp,
    /// When the token was issued, to the second: what revocation compares with.
    pub issued: Timestamp,
    /// The display name, if the token brings one.
    pub name: Option<Opaque>,
    /// What the bearer is limited to.
    pub scope: Scope,
    /// What the token was made with.
    pub signer: Signer,
    /// Tells a key from another that has since been put under the same id.
    pub(crate) fingerprint: Fingerprint,
}

/// The identity that a back end's token proves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerGrant {
    /// The app whose back end this is.
    pub app: AppId,
    /// When the token ends, without leeway.
    pub expires: Timestamp,
    /// When the token was issued, to the second.
    pub issued: Timestamp,
    /// The key that signed it.
    pub key: KeyId,
    /// What the back end is limited to.
    pub scope: Scope,
}

/// What a token was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// A key of the app.
    Key(KeyId),
    /// The app's secret for token04.
    Token04,
}

/// The `scope` claim ([RFC 8693, section 4.2](https://www.rfc-editor.org/rfc/rfc8693#section-4.2)): words parted by
/// spaces. A token without the claim is not limited; one with an empty claim may do nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Option<Arc<str>>);

impl Scope {
    /// The longest claim, in bytes; more would only be carried along by every session.
    pub const MAX_LEN: usize = 1024;

    /// Limits to the `words`, which are parted by spaces. `None` if there are more than [`Scope::MAX_LEN`] bytes.
    #[must_use]
    pub fn limited(words: &str) -> Option<Self> {
        (words.len() <= Self::MAX_LEN).then(|| Self(Some(words.into())))
    }

    /// Whether the scope is unlimited or holds this very word.
    #[must_use]
    pub fn allows(&self, word: &str) -> bool {
        self.0.as_deref().is_none_or(|words| words.split(' ').any(|permitted| permitted == word))
    }

    /// The claim as it stands in the token; `None` for an unlimited scope.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_its_words_and_nothing_else() {
        let scope = Scope::limited("call:invite call:join").unwrap();
        assert!(scope.allows("call:join"));
        assert!(!scope.allows("call"));
        assert!(!Scope::limited("").unwrap().allows("call"));
        assert!(Scope::default().allows("call"), "a token without scope is not limited");
        assert_eq!(Scope::limited(&"x".repeat(1025)), None);
    }
}
