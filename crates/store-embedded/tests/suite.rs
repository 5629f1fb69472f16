//! The embedded store keeps the laws of the port, in both kinds of durability and while it folds all the time.
use std::time::Duration;

use offhook_store::{store_suite, suite::Subject};
use offhook_store_embedded::{Durability, EmbeddedStore, Options};
use tempfile::TempDir;

fn open(folder: &TempDir, options: Options) -> EmbeddedStore {
    EmbeddedStore::open(folder.path(), options).unwrap_or_else(|error| panic!("the store opens: {error}"))
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

macro_rules! subject {
    ($module:ident, $options:expr) => {
        mod $module {
            use super::*;

            struct Embedded(TempDir);

            impl Subject for Embedded {
                type Store = EmbeddedStore;

                fn create() -> Self {
                    Self(folder())
                }

                fn open(&self) -> EmbeddedStore {
                    open(&self.0, $options)
                }
            }

            store_suite!(Embedded);
        }
    };
}

subject!(process, Options::default());
subject!(power, Options { durability: Durability::Power, ..Options::default() });
subject!(
    always_folding,
    Options {
        fold_bytes: 1,
        fold_interval: Duration::from_millis(1),
        segment_bytes: 1000,
        ..Options::default()
    }
);
