//! One viewer on a bad network beside one on a good network: what each gets, and how soon it is well again.
use std::time::Duration;

use offhook_sfu::{Layer, Source};

use crate::{
    link::Weather,
    world::{FPS, Seen, World},
};

/// The network is good for so long.
const GOOD: Duration = Duration::from_secs(10);
/// Then it is bad for so long; what is measured is the time after [`SETTLE`].
const BAD: Duration = Duration::from_secs(40);
/// How long the network may have been bad before it is measured.
const SETTLE: Duration = Duration::from_secs(10);
/// Then it is good again for so long.
const HEALED: Duration = Duration::from_secs(15);
/// What comes later than this, the way itself not counted, is too late to be played.
const PLAYABLE: Duration = Duration::from_millis(500);

/// A network, and its name in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    pub(crate) name: &'static str,
    /// Both ways have its loss, delay and jitter; only the way to the viewer is narrow.
    pub(crate) weather: Weather,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Of the viewer on the bad network.
    pub(crate) bad: View,
    /// Of the viewer on the good network, at the same time.
    pub(crate) good: View,
    /// From the network's healing until the next picture that can be shown.
    pub(crate) picture: Option<Duration>,
    /// From the network's healing until the largest layer flows; `None` if it did not.
    pub(crate) recovery: Option<Duration>,
    /// What the viewer on the bad network was sent, and was believed to bear in kbit/s, with the seconds since the start.
    pub(crate) story: Vec<(f64, String)>,
    /// Changes of layer while the network was bad and measured.
    pub(crate) swings: usize,
    /// From the network's turning bad until the first smaller layer; `None` if there was none.
    pub(crate) stepped_down: Option<Duration>,
}

/// What one viewer got.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Sound that came in time, of a hundred packets.
    pub(crate) audio_percent: f64,
    /// Pictures a second that could be shown.
    pub(crate) fps: f64,
    /// The layer that flowed longest.
    pub(crate) layer: Layer,
    /// Bits a second, of sound and pictures.
    pub(crate) kbps: u64,
}

/// The networks of the table.
pub(crate) const TRIALS: [Trial; 9] = [
    Trial { name: "good", weather: Weather::FAIR },
    Trial { name: "2 % loss", weather: Weather { loss_percent: 2, ..Weather::FAIR } },
    Trial { name: "5 % loss", weather: Weather { loss_percent: 5, ..Weather::FAIR } },
    Trial { name: "10 % loss", weather: Weather { loss_percent: 10, ..Weather::FAIR } },
    Trial { name: "30 % loss", weather: Weather { loss_percent: 30, ..Weather::FAIR } },
    Trial { name: "1,000 kbit/s", weather: Weather { bps: Some(1_000_000), ..Weather::FAIR } },
    Trial { name: "300 kbit/s", weather: Weather { bps: Some(300_000), ..Weather::FAIR } },
    Trial {
        name: "200 ms each way",
        weather: Weather { delay: Duration::from_millis(200), ..Weather::FAIR },
    },
    Trial { name: "30 ms jitter", weather: Weather { jitter: Duration::from_millis(30), ..Weather::FAIR } },
];

impl Trial {
    /// Plays it, in virtual time.
    pub(crate) fn play(&self) -> Outcome {
        let mut world = World::new();
        world.publisher("alice");
        let good = world.viewer("bob", Weather::FAIR);
        let bad = world.viewer("carol", Weather::FAIR);
        world.run(GOOD);
        let turned_bad = world.now;
        world.devices[bad].down.weather = self.weather;
        world.devices[bad].up.weather = Weather { bps: None, ..self.weather };
        world.run(SETTLE);
        let from = world.now;
        world.run(BAD - SETTLE);
        let healed = world.now;
        world.devices[bad].down.weather = Weather::FAIR;
        world.devices[bad].up.weather = Weather::FAIR;
        world.run(HEALED);
        let view = |device: usize| {
            let span = Span { world: &world, device, from, until: healed };
            span.view(if device == bad { self.weather.delay } else { Weather::FAIR.delay })
        };
        let layers = &world.devices[bad].layers;
        let start = layers[0].0;
        let at = |at: &std::time::Instant| at.duration_since(start).as_secs_f64();
        let estimates = world.devices[bad].estimates.iter();
        let mut story: Vec<(f64, String)> =
            estimates.map(|(time, bps)| (at(time), (bps / 1000).to_string())).collect();
        story.extend(layers.iter().map(|(time, layer)| (at(time), format!("{layer:?}"))));
        story.sort_by(|a, b| a.0.total_cmp(&b.0));
        let down =
            layers.iter().find(|(at, layer)| (turned_bad..healed).contains(at) && *layer < Layer::High);
        let before = layers.iter().rev().find(|(at, _)| *at < healed).map(|layer| layer.1);
        let up = layers.iter().find(|(at, layer)| *at >= healed && *layer == Layer::High);
        let frames = world.devices[bad].frames.iter();
        let mut pictures =
            frames.filter(|seen| seen.source == Source::Camera && seen.decodable && seen.at >= healed);
        Outcome {
            picture: pictures.next().map(|seen| seen.at.duration_since(healed)),
            bad: view(bad),
            good: view(good),
            recovery: if before == Some(Layer::High) {
                Some(Duration::ZERO)
            } else {
                up.map(|(at, _)| at.duration_since(healed))
            },
            story,
            swings: layers.iter().filter(|(at, _)| (from..healed).contains(at)).count(),
            stepped_down: down.map(|(at, _)| at.duration_since(turned_bad)),
        }
    }
}

struct Span<'a> {
    world: &'a World,
    device: usize,
    from: std::time::Instant,
    until: std::time::Instant,
}

impl Span<'_> {
    fn view(&self, delay: Duration) -> View {
        let secs = self.until.duration_since(self.from).as_secs_f64();
        let device = &self.world.devices[self.device];
        let written = |seen: &&Seen| (self.from..self.until).contains(&seen.written);
        let seen = || device.frames.iter().filter(written);
        let way = delay + Weather::FAIR.delay;
        let in_time = |seen: &&Seen| seen.at.saturating_duration_since(seen.written) <= way + PLAYABLE;
        let sound = seen().filter(|seen| seen.source == Source::Microphone).filter(in_time).count();
        let shown = seen().filter(|seen| seen.source == Source::Camera && seen.decodable).count();
        let bits = seen().map(|seen| seen.bytes as u64 * 8).sum::<u64>();
        View {
            audio_percent: 100.0 * sound as f64 / (secs * 50.0),
            fps: (shown as f64 / secs).min(FPS as f64),
            kbps: (bits as f64 / secs / 1000.0) as u64,
            layer: self.longest(),
        }
    }

    fn longest(&self) -> Layer {
        let layers = &self.world.devices[self.device].layers;
        let time_of = |wanted: Layer| -> Duration {
            let spans = layers.iter().enumerate().filter(|(_, (_, layer))| *layer == wanted);
            spans
                .map(|(index, (at, _))| {
                    let until = layers.get(index + 1).map_or(self.until, |next| next.0.min(self.until));
                    until.saturating_duration_since((*at).max(self.from))
                })
                .sum()
        };
        let all = [Layer::Off, Layer::Low, Layer::Medium, Layer::High];
        all.into_iter().max_by_key(|layer| time_of(*layer)).unwrap_or(Layer::Off)
    }
}
