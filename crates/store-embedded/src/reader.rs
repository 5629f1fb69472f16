//! The thread that reads history, so that no caller waits for the disk.
use std::{
    path::Path,
    sync::mpsc,
    thread::{self, JoinHandle},
};

use offhook_store::StoreError;
use tokio::sync::oneshot;

use crate::history::Reading;

type Question = Box<dyn FnOnce(&Reading) + Send>;

/// Asks the reading thread, which ends when the last asker is dropped.
pub(crate) struct Reader {
    questions: mpsc::Sender<Question>,
}

impl Reader {
    pub(crate) fn start(path: &Path) -> Result<(Self, JoinHandle<()>), StoreError> {
        let reading = Reading::open(path)?;
        let (questions, asked) = mpsc::channel::<Question>();
        let run = move || asked.into_iter().for_each(|question| question(&reading));
        let thread = thread::Builder::new().name("offhook-history".into()).spawn(run);
        let thread = thread.map_err(|error| crate::error::from_io(&error))?;
        Ok((Self { questions }, thread))
    }

    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reading) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, answer) = oneshot::channel();
        let ask = Box::new(move |reading: &Reading| {
            let _ = sender.send(question(reading)); // Whoever asked may have gone.
        });
        let gone = || StoreError::Unavailable("the reader of history has ended".into());
        self.questions.send(ask).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}
