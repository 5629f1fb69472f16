//! The conformance suite of the Store port, on a real server.
use std::{future::Future, thread};

use offhook_store::suite::Subject;
use offhook_store_postgres::{Options, PostgresStore};
use offhook_testing_services::{Database, PostgresServer};
use tokio::runtime::{Builder, Runtime};

/// A database of its own.
struct Fresh {
    database: Database,
    runtime: Runtime,
}

fn database() -> Database {
    let server = PostgresServer::for_tests().unwrap_or_else(|error| panic!("a server starts: {error:#}"));
    server.database().unwrap_or_else(|error| panic!("the server makes a database: {error:#}"))
}

impl Subject for Fresh {
    type Store = PostgresStore;

    fn create() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        Self { database: database(), runtime }
    }

    fn open(&self) -> PostgresStore {
        let options = Options::new(&self.database.url(), 1);
        // Laws run on a thread of the runtime, which must not wait for another future.
        let open = || self.runtime.block_on(PostgresStore::open(&options));
        let opened = thread::scope(|scope| scope.spawn(open).join().expect("opening does not panic"));
        opened.unwrap_or_else(|error| panic!("the store opens: {error}"))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

offhook_store::store_suite!(Fresh);
