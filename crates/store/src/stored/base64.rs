//! Bytes as text.
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// For `#[serde(with)]` of a list of bytes.
pub(super) fn serialize<S: Serializer>(bytes: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
}

/// For `#[serde(with)]` of a list of bytes, or an array of them.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    let bytes = STANDARD_NO_PAD.decode(&*text).map_err(|_| D::Error::custom("not base64"))?;
    T::try_from(bytes).map_err(|_| D::Error::custom("another number of bytes"))
}
