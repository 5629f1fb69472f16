//! The players of one stage and the book of all that they saw, over several lives of the servers.
use offhook_types::UserId;

use crate::{book::Book, judge, player::Player, rings::Trouble, violation::Violation};

/// The players, and what they know together.
pub(crate) struct Cast {
    pub(crate) book: Book,
    /// Whether a server may carry out what came over a line after its player has given the line up.
    pub(crate) may_linger: bool,
    pub(crate) players: Vec<Player>,
    /// What went wrong with the servers, in the order of its beginnings.
    pub(crate) troubles: Vec<Trouble>,
}

/// Where the requests of a round's game begin in each player's list.
pub(crate) type Begins = Vec<usize>;

impl Cast {
    /// Players who have not seen anything.
    pub(crate) fn new(players: Vec<Player>, may_linger: bool) -> Self {
        Self { book: Book::default(), may_linger, players, troubles: Vec::new() }
    }

    /// Where the players stand in their lists.
    pub(crate) fn begins(&self) -> Begins {
        self.players.iter().map(|player| player.asked.len()).collect()
    }

    /// Who they are.
    pub(crate) fn users(&self) -> Vec<UserId> {
        self.players.iter().map(|player| player.user.clone()).collect()
    }

    /// Writes into the book what the players saw.
    pub(crate) fn write_down(&mut self) -> Vec<Violation> {
        let sights = self.players.iter_mut().flat_map(|player| player.sights.drain(..));
        let book = &mut self.book;
        sights.flat_map(|sight| book.take(sight)).collect()
    }

    /// How many requests since then were answered with a reply.
    pub(crate) fn acknowledged(&self, begins: &Begins) -> u64 {
        let of = |(player, begin): (&Player, &usize)| judge::acknowledged(player, *begin..player.asked.len());
        self.players.iter().zip(begins).map(of).sum()
    }

    pub(crate) fn number(&self, user: &UserId) -> Option<usize> {
        self.players.iter().position(|player| player.user == *user)
    }
}
