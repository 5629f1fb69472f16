//! Nodes that bear the same name: logs and metrics of two would look like one's.
use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::NodeBus;

/// How often to look. A node that starts again meets what it was for a few seconds, until the others have given that up.
const EVERY: Duration = Duration::from_secs(10);

/// Says so when another node has borne this one's name for a while, and when it no longer does.
pub(super) async fn watch(bus: Arc<NodeBus>, name: String) {
    let (mut was, mut is_told) = (Vec::new(), false);
    loop {
        sleep(EVERY).await;
        let namesakes = bus.health().namesakes;
        let stays = namesakes.iter().any(|node| was.contains(node));
        match (is_told, stays) {
            (false, true) => tracing::error!(
                name, others = ?namesakes,
                "another node bears this node's name: give each its own (cluster.node, or OFFHOOK_CLUSTER_NODE)"
            ),
            (true, false) => tracing::info!(name, "no other node bears this node's name any more"),
            (false, false) | (true, true) => {}
        }
        (was, is_told) = (namesakes, stays);
    }
}
