//! How good a connection is, in the five steps that members are told: what people would say of a call on it.
use std::time::Duration;

/// What is known of one way of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Way {
    /// What is sent of what is wished, in percent: room for pictures. `None` if nothing is wished.
    pub(crate) given_percent: Option<u64>,
    /// The share of packets that were lost, 0 to 1. `None` while unknown.
    pub(crate) loss: Option<f32>,
    /// There and back. `None` while unknown.
    pub(crate) rtt: Option<Duration>,
}

/// 5 excellent, 4 good, 3 fair, 2 poor, 1 bad; 0 while nothing is known. The worst of the three counts.
pub(crate) fn quality(way: Way) -> u8 {
    let loss = way.loss.map(|loss| step(f64::from(loss) * 100.0, [1.0, 3.0, 7.0, 15.0]));
    let rtt = way.rtt.map(|rtt| step(rtt.as_secs_f64() * 1000.0, [150.0, 250.0, 400.0, 800.0]));
    let missing = way.given_percent.map(|percent| {
        let missing = 100u32.saturating_sub(u32::try_from(percent).unwrap_or(100));
        step(f64::from(missing), [10.0, 50.0, 80.0, 95.0])
    });
    [loss, rtt, missing].into_iter().flatten().min().unwrap_or(0)
}

/// 5 up to the first limit, 4 up to the second, and so on.
fn step(value: f64, limits: [f64; 4]) -> u8 {
    let passed = limits.iter().filter(|limit| value > **limit).count();
    5 - u8::try_from(passed).unwrap_or(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Option<Duration> {
        Some(Duration::from_millis(ms))
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        assert_eq!(quality(Way::default()), 0);
    }

    #[test]
    fn loss_alone_decides_where_the_rest_is_good() {
        let of = |loss| quality(Way { given_percent: Some(100), loss: Some(loss), rtt: ms(20) });
        assert_eq!([0.0, 0.009, 0.02, 0.05, 0.10, 0.30].map(of), [5, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_long_way_is_felt() {
        let of = |rtt| quality(Way { rtt: ms(rtt), ..Way::default() });
        assert_eq!([10, 200, 300, 600, 2000].map(of), [5, 4, 3, 2, 1]);
    }

    #[test]
    fn pictures_that_had_to_be_given_up_are_missed() {
        let of = |percent| quality(Way { given_percent: Some(percent), ..Way::default() });
        assert_eq!([200, 100, 90, 60, 30, 10, 0].map(of), [5, 5, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn the_worst_counts() {
        assert_eq!(quality(Way { given_percent: Some(100), loss: Some(0.2), rtt: ms(10) }), 1);
        assert_eq!(quality(Way { given_percent: Some(0), loss: Some(0.0), rtt: ms(10) }), 1);
    }
}
