//! Two devices of one user, at different nodes: whether they heard the same.
use offhook_signaling::EventBody;
use offhook_types::Offset;

use crate::{
    player::{Heard, Player},
    violation::Violation,
};

/// What one of them heard that the other should have heard, too, and did not, or otherwise.
pub(crate) fn compare(first: &Player, second: &Player) -> Vec<Violation> {
    let mut found = Vec::new();
    for (one, other) in [(first, second), (second, first)] {
        let strangers = one.heard.iter().filter_map(|(offset, heard)| complaint(*offset, heard, other));
        found.extend(strangers.map(|what| Violation::lost(format!("{}: {what}", one.user.as_str()))));
    }
    found
}

fn complaint(offset: Offset, heard: &Heard, other: &Player) -> Option<String> {
    match other.heard.get(&offset) {
        Some(same) if same.body == heard.body => None,
        Some(_) => Some(format!("event {offset} is not the same on two devices")),
        None if other.is_gapless && is_for_all(&heard.body) => {
            Some(format!("event {offset} was heard on one of two devices"))
        }
        None => None,
    }
}

/// Whether an event is meant for every device of a user: that it rings, and that the ring is over without an answer.
fn is_for_all(body: &EventBody) -> bool {
    match body {
        EventBody::Invited(_) | EventBody::Unanswered(_) => true,
        EventBody::Canceled(_)
        | EventBody::Changed(_)
        | EventBody::Created(_)
        | EventBody::Ended(_)
        | EventBody::Merged(_) => false,
    }
}
