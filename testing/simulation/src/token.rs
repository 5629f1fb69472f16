//! Tokens of the simulated world: honest texts. What makes a real token true is the business of the crate `auth`.
use offhook_client_core::Token;
use offhook_types::{Account, AppId, DeviceId, Party, Timestamp, UserId};

pub(crate) fn mint(account: &Account, expires: Timestamp) -> Token {
    Token(format!("{} {} {}", account.app, account.user.as_str(), expires.as_millis()))
}

/// Who the token says its bearer is, and until when.
pub(crate) fn verify(text: &str, device: &DeviceId, now: Timestamp) -> Result<(Party, Timestamp), ()> {
    let mut parts = text.split(' ');
    let (Some(app), Some(user), Some(expires)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(());
    };
    let account = Account::new(AppId(app.parse().map_err(|_| ())?), UserId::new(user).map_err(|_| ())?);
    let expires = Timestamp::from_millis(expires.parse().map_err(|_| ())?);
    if expires <= now {
        return Err(());
    }
    Ok((Party { account, device: Some(device.clone()) }, expires))
}
