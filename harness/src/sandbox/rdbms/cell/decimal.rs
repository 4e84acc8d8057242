//! Decimal numbers as `rust_decimal` 1.42 reads them, which Spin reads them with
//! (`decimal_wit_to_pg` in `crates/factor-outbound-pg/src/types/convert.rs`).

/// The first whole number that is too large: it takes more than 96 bits.
const TOO_LARGE: u128 = 1 << 96;

/// Digits behind the point that there can be.
const MOST_BEHIND_THE_POINT: u32 = 28;

/// A number as the crate writes one that it has read: `.5` is `0.5`, `1_000` is `1000`.
///
/// # Errors
///
/// The crate's own words for what is wrong with it (`parse_str_radix_10_exact` in `src/str.rs` there).
pub(in crate::sandbox::rdbms) fn decimal(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("Invalid decimal: empty");
    }
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mut number, mut behind, mut has_digits): (u128, Option<u32>, bool) = (0, None, false);
    for character in digits.bytes() {
        match (character, behind) {
            (b'0'..=b'9', _) => {
                if behind == Some(MOST_BEHIND_THE_POINT) {
                    return Err(TOO_PRECISE);
                }
                // Below 2^96 before, so it cannot overflow.
                number = number * 10 + u128::from(character - b'0');
                behind = behind.map(|behind| behind + 1);
                has_digits = true;
                match behind {
                    _ if number < TOO_LARGE => {}
                    None => return Err("Invalid decimal: overflow from too many digits"),
                    Some(_) => return Err(TOO_PRECISE),
                }
            }
            (b'.', None) => behind = Some(0),
            (b'.', Some(_)) => return Err("Invalid decimal: two decimal points"),
            (b'_', _) if has_digits => {}
            (b'_', _) => return Err("Invalid decimal: must start lead with a number"),
            _ => return Err("Invalid decimal: unknown character"),
        }
    }
    if !has_digits {
        return Err("Invalid decimal: no digits found");
    }
    let sign = if is_negative && number > 0 { "-" } else { "" };
    let behind = behind.unwrap_or_default() as usize;
    // One digit before the point at least.
    let digits = format!("{number:0width$}", width = behind + 1);
    let (whole, fraction) = digits.split_at(digits.len() - behind);
    Ok(match fraction {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    })
}

const TOO_PRECISE: &str = "Number has a high precision that can not be represented.";

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was given to `Decimal::from_str_exact` of rust_decimal 1.42.1.
    #[test]
    fn as_the_crate_reads_them() {
        for (text, read) in [
            ("-12.50", Ok("-12.50")),
            (".5", Ok("0.5")),
            ("-.5", Ok("-0.5")),
            ("+1", Ok("1")),
            ("1.", Ok("1")),
            ("1_000", Ok("1000")),
            ("1__0._5_", Ok("10.5")),
            ("000000000000000000000000000000000001", Ok("1")),
            ("-0.0", Ok("0.0")),
            (
                "79228162514264337593543950335",
                Ok("79228162514264337593543950335"),
            ),
            (
                "1.0000000000000000000000000000",
                Ok("1.0000000000000000000000000000"),
            ),
            ("", Err("Invalid decimal: empty")),
            (".", Err("Invalid decimal: no digits found")),
            ("-", Err("Invalid decimal: no digits found")),
            ("_1", Err("Invalid decimal: must start lead with a number")),
            ("._5", Err("Invalid decimal: must start lead with a number")),
            ("1.5.5", Err("Invalid decimal: two decimal points")),
            ("1e5", Err("Invalid decimal: unknown character")),
            ("1 ", Err("Invalid decimal: unknown character")),
            (
                "79228162514264337593543950336",
                Err("Invalid decimal: overflow from too many digits"),
            ),
            ("10.0000000000000000000000000000", Err(TOO_PRECISE)),
            ("0.00000000000000000000000000000000001", Err(TOO_PRECISE)),
        ] {
            assert_eq!(decimal(text).as_deref(), read.as_deref(), "{text:?}");
        }
    }
}
