//! How numbers are written on the page.

/// A number without the zeros that it does not need.
pub(super) fn number(value: &f64) -> String {
    decimals(*value, 2)
}

/// With so many decimals at most.
pub(super) fn decimals(value: f64, most: usize) -> String {
    let text = format!("{value:.most$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// A share in percent.
pub(super) fn percent(share: &f64) -> String {
    format!("{} %", number(&(100.0 * share)))
}

/// A whole number, in groups of three digits that no line break separates.
pub(super) fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let grouped = |(i, digit): (usize, char)| {
        let ends_group = i > 0 && (digits.len() - i).is_multiple_of(3);
        ends_group.then_some('\u{202f}').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(grouped).collect()
}

/// `10^x` with two digits.
pub(super) fn power_of_ten(x: &f64) -> String {
    let value = 10_f64.powf(*x);
    if (1e-3..1e4).contains(&value) {
        let decimals = (1.0 - x.floor()).max(0.0) as usize;
        let text = format!("{value:.decimals$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    } else {
        format!("{value:.0e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_are_left_out() {
        let texts = [0.0, -0.001, 0.25, 20.0, -60.0, 1.999].map(|x| number(&x));
        assert_eq!(texts, ["0", "0", "0.25", "20", "-60", "2"]);
        assert_eq!(percent(&0.025), "2.5 %");
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        let texts = [0.0, 999.4, 1000.0, 123_456.0, 1_234_567.0].map(whole);
        let want = ["0", "999", "1 000", "123 456", "1 234 567"];
        assert_eq!(texts, want.map(|text| text.replace(' ', "\u{202f}")));
    }

    #[test]
    fn ticks_are_powers_of_ten() {
        let texts = [-6.0, -3.0, -2.5, -1.0, -0.5, 0.0, 1.0, 2.0, 5.0].map(|x| power_of_ten(&x));
        let want = [
            "1e-6", "0.001", "0.0032", "0.1", "0.32", "1", "10", "100", "1e5",
        ];
        assert_eq!(texts, want);
    }
}
