//! One list for each family of frames, from which the enumeration, its parser, its writer and its names come: they
//! cannot drift apart.

macro_rules! tagged {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident $(($body:ident: $type:ty))? = $text:literal,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = "type", content = "body")]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant $(($type))?,)+
        }

        impl $name {
            /// The types of all frames of this family, as they stand on the wire.
            pub const TYPES: &[&str] = &[$($text),+];

            /// The type of the frame, as it stands on the wire.
            #[must_use]
            pub fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $text,)+
                }
            }

            /// Reads the body of an envelope; `None` if its type belongs to another family.
            pub(crate) fn read(
                envelope: &$crate::envelope::Envelope<'_>,
            ) -> Result<Option<Self>, $crate::FrameError> {
                Ok(Some(match envelope.type_name() {
                    $($text => {
                        $(let $body = envelope.body::<$type>()?;)?
                        tagged!(@empty envelope $($body)?);
                        Self::$variant $(($body))?
                    })+
                    _ => return Ok(None),
                }))
            }

            /// Writes the frame with what else its envelope holds.
            pub(crate) fn write(&self, head: &$crate::envelope::Head) -> alloc::string::String {
                match self {
                    $(Self::$variant $(($body))? => {
                        $crate::envelope::write($text, head, tagged!(@body $($body)?))
                    })+
                }
            }
        }
    };
    (@empty $envelope:ident $body:ident) => {};
    (@empty $envelope:ident) => { $envelope.no_body()? };
    (@body $body:ident) => { Some($body) };
    (@body) => { None::<&()> };
}

pub(crate) use tagged;
