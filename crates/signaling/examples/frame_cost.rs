//! Prints what reading and writing the frames of a call costs, in nanoseconds: `cargo run --release --example frame_cost`.
#[path = "../tests/samples/mod.rs"]
mod samples;

use std::{hint::black_box, time::Instant};

use offhook_signaling::{ClientFrame, ServerFrame};

const ROUNDS: u32 = 200_000;

fn main() {
    println!("{:<20} {:>6} {:>9} {:>9}", "frame", "bytes", "read, ns", "write, ns");
    for frame in samples::client_frames() {
        let text = frame.to_text();
        row(&text, || ClientFrame::parse(black_box(&text)).is_ok(), || frame.to_text());
    }
    for frame in samples::server_frames() {
        let text = frame.to_text();
        row(&text, || ServerFrame::parse(black_box(&text)).is_ok(), || frame.to_text());
    }
}

fn row(text: &str, read: impl Fn() -> bool, write: impl Fn() -> String) {
    let name = text.split('"').nth(3).unwrap_or_default();
    println!("{name:<20} {:>6} {:>9} {:>9}", text.len(), nanoseconds(read), nanoseconds(write));
}

fn nanoseconds<T>(work: impl Fn() -> T) -> u128 {
    #[expect(clippy::disallowed_methods, reason = "this program is about time")]
    let start = Instant::now();
    for _ in 0..ROUNDS {
        black_box(work());
    }
    start.elapsed().as_nanos() / u128::from(ROUNDS)
}
