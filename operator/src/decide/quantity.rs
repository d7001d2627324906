//! Kubernetes quantities, as far as they have to be compared.
//!
//! The form is that of `k8s.io/apimachinery/pkg/api/resource`: a decimal number with a binary suffix (`Ki` to `Ei`), a
//! decimal one (`n` to `E`) or an exponent (`e3`).

/// An amount in billionths of its unit; finer parts are rounded up, as Kubernetes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i128);

const BILLIONTHS: i128 = 1_000_000_000;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// In whole units, rounded up: bytes, of a size. `None` where it is below zero or beyond all sizes.
    pub fn bytes(self) -> Option<u64> {
        u64::try_from(self.0 / BILLIONTHS + i128::from(self.0 % BILLIONTHS > 0)).ok()
    }

    /// Reads a quantity; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text
            .find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | '+' | '-'))
            .unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (sign, digits) = match number.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        // numerator / 10^scale, times the suffix
        let numerator: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let (times, per) = factor(suffix)?;
        let amount = numerator.checked_mul(times)?.checked_mul(BILLIONTHS)?;
        let divisor = scale.checked_mul(per)?;
        let rounded_up = amount / divisor + i128::from(amount % divisor != 0);
        Some(Self(sign * rounded_up))
    }
}

/// A suffix as a fraction.
fn factor(suffix: &str) -> Option<(i128, i128)> {
    let binary = |power: u32| Some((1024_i128.pow(power), 1));
    let decimal = |power: u32| Some((10_i128.pow(power), 1));
    match suffix {
        "" => decimal(0),
        "n" => Some((1, BILLIONTHS)),
        "u" => Some((1, 1_000_000)),
        "m" => Some((1, 1000)),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10_i128.checked_pow(exponent.unsigned_abs()).filter(|_| exponent.abs() <= 18)?;
            Some(if exponent < 0 { (1, power) } else { (power, 1) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn equal_amounts_are_equal_however_they_are_written() {
        for (left, right) in [
            ("1024Mi", "1Gi"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("2E3", "2000"),
            ("1500e-3", "1500m"),
            ("+1", "1."),
            (".5k", "500"),
            ("100n", "0.1u"),
        ] {
            assert_eq!(Amount::parse(left), Amount::parse(right), "{left} and {right}");
            assert!(Amount::parse(left) > Some(Amount::ZERO), "{left}");
        }
    }

    #[test]
    fn amounts_are_ordered_by_size() {
        assert!(Amount::parse("1Gi") > Amount::parse("1G"));
        assert!(Amount::parse("-1") < Amount::parse("0"));
        assert!(Amount::parse("20Mi") < Amount::parse("1Gi"));
    }

    #[test]
    fn a_size_is_told_in_bytes() {
        let bytes = |text| Amount::parse(text).and_then(Amount::bytes);
        assert_eq!(
            [bytes("1Ki"), bytes("1500m"), bytes("0"), bytes("-1Gi")],
            [Some(1024), Some(2), Some(0), None]
        );
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", "Gi", "1 Gi", "1gi", "1.2.3", "--1", "1e", "1e99", "lots", "1-2"] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
    }
}
