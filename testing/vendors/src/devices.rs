//! What a vendor knows of a device.

/// What became of a device's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// It is of the vendor's other service.
    Elsewhere,
    /// The app was removed then, in milliseconds since 1970.
    Gone(u64),
    /// It is of another app.
    OfAnotherApp,
}
