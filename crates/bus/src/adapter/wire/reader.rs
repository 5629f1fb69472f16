//! Takes bytes apart, piece by piece.
use offhook_types::{Account, AppId, Offset, UserId};

use super::{Presence, Unreadable, Verdict};
use crate::{Hint, NodeName};

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Unreadable::Damaged)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Unreadable> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, Unreadable> {
        self.take().map(u64::from_be_bytes)
    }

    fn text(&mut self) -> Result<&'a str, Unreadable> {
        let len = usize::from(self.byte()?);
        let (text, rest) = self.rest.split_at_checked(len).ok_or(Unreadable::Damaged)?;
        self.rest = rest;
        str::from_utf8(text).map_err(|_| Unreadable::Damaged)
    }

    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rest).to_vec()
    }

    pub(super) fn end_with<T>(&self, value: T) -> Result<T, Unreadable> {
        if self.rest.is_empty() { Ok(value) } else { Err(Unreadable::Damaged) }
    }

    pub(super) fn hints(&mut self) -> Result<Vec<Hint>, Unreadable> {
        let mut hints = Vec::new();
        while !self.rest.is_empty() {
            let app = AppId(u32::from_be_bytes(self.take()?));
            let head = Offset(self.number()?);
            let user = UserId::new(self.text()?).map_err(|_| Unreadable::Damaged)?;
            hints.push(Hint { head, account: Account::new(app, user) });
        }
        Ok(hints)
    }

    pub(super) fn presence(&mut self) -> Result<Presence, Unreadable> {
        let up_for_ms = self.number()?;
        let is_new = match self.byte()? {
            0 => false,
            1 => true,
            _ => return Err(Unreadable::Damaged),
        };
        let name = match self.text()? {
            "" => None,
            name => Some(NodeName::new(name).map_err(|_| Unreadable::Damaged)?),
        };
        Ok(Presence { up_for_ms, is_new, name, facts: self.rest() })
    }

    pub(super) fn verdict(&mut self) -> Result<Verdict, Unreadable> {
        Ok(match self.byte()? {
            0 => Verdict::Answered,
            1 => Verdict::Busy,
            2 => Verdict::TooLarge,
            _ => return Err(Unreadable::Damaged),
        })
    }
}
