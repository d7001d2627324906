//! Telephone numbers in E.164 form.

use phonenumber::Mode;

/// The longest number, in digits (ITU-T E.164 section 6).
const MAX_DIGITS: usize = 15;
/// The shortest number, in digits with the country code, that anybody has.
const MIN_DIGITS: usize = 7;

/// Whether this is a telephone number as E.164 has it: a plus, the code of a country that there is, and the number
/// within it. Whether it has been given to anybody is not asked: ranges are opened faster than lists of them are
/// renewed, and a call that was made must not be refused for it.
pub fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && phonenumber::parse(None, text)
            .is_ok_and(|number| phonenumber::format(&number).mode(Mode::E164).to_string() == text)
}

/// The number with all but its last three digits hidden, for logs.
pub fn masked(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let mut left = digits;
    number
        .chars()
        .map(|character| {
            if character.is_ascii_digit() {
                left -= 1;
                if left >= 3 { '*' } else { character }
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_countries_that_there_are_fit() {
        for good in
            ["+420123456789", "+12025550123", "+442071838750", "+4930123456", "+390612345678", "+97239999999"]
        {
            assert!(is_e164(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "420123456789",
            "+0123456789",
            "+420 123 456 789",
            "+123456",
            "+1234567890123456",
            "+999123456789",
            "+٤٢٠١٢٣٤",
            "anonymous",
        ] {
            assert!(!is_e164(bad), "{bad}");
        }
    }

    #[test]
    fn logs_see_the_last_three_digits() {
        assert_eq!(masked("+420123456789"), "+*********789");
        assert_eq!(masked("12"), "12");
    }
}
