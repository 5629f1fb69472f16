//! The driver of pushes: connections to a vendor under one credential, and what came of each push.
