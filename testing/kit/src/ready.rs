//! Futures that never wait.
use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// The output of a future that is ready at its first poll, as everything over the memory model is.
///
/// # Panics
/// If the future waits: then something in it reached for the real world.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future over the memory model waited"),
    }
}
