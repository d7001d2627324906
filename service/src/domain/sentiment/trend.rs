//! How a mood goes over a call, by quarters of it.

use super::super::fraction;
use serde::Serialize;
use utoipa::ToSchema;

/// A quarter of a call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Quarter {
    /// From 1 to 4.
    #[schema(minimum = 1, maximum = 4)]
    pub quarter: u8,
    /// Mean score of the segments in it, -1 to 1; null without any.
    pub score: Option<f64>,
    /// How many segments it has that were analysed.
    pub segments: i64,
}

/// What is known of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When it begins, in milliseconds from the call's start.
    pub starts_ms: i64,
    /// When it ends, in milliseconds from the call's start.
    pub ends_ms: i64,
    /// Its latest score, in millionths.
    pub score: i64,
}

/// The four quarters of a call that lasts `length_ms`; a segment belongs to the one that its middle lies in. What lies
/// behind the end counts to the last quarter.
pub fn quarters(points: &[Point], length_ms: i64) -> [Quarter; 4] {
    let length = length_ms.max(1);
    let mut sums = [(0_i64, 0_i64); 4];
    for point in points {
        let middle = point.starts_ms.midpoint(point.ends_ms);
        let quarter = (middle * 4 / length).clamp(0, 3);
        if let Some((sum, count)) = usize::try_from(quarter).ok().and_then(|quarter| sums.get_mut(quarter)) {
            *sum += point.score;
            *count += 1;
        }
    }
    let quarter = |number: u8, (sum, segments): (i64, i64)| Quarter {
        quarter: number,
        score: (segments > 0).then(|| fraction(sum / segments.max(1))),
        segments,
    };
    let [first, second, third, fourth] = sums;
    [quarter(1, first), quarter(2, second), quarter(3, third), quarter(4, fourth)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_belongs_to_the_quarter_of_its_middle() {
        let point = |starts_ms, ends_ms, score| Point { starts_ms, ends_ms, score };
        let points = [
            point(0, 10, 500_000),
            point(20, 28, 100_000),
            point(20, 32, -1_000_000),
            point(99, 101, -200_000),
            point(500, 600, -400_000),
        ];
        let found = quarters(&points, 100).map(|quarter| (quarter.score, quarter.segments));
        assert_eq!(found, [(Some(0.3), 2), (Some(-1.0), 1), (None, 0), (Some(-0.3), 2)]);
        assert_eq!(quarters(&[], 0).map(|quarter| quarter.segments), [0; 4]);
    }
}
