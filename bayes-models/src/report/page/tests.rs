//! The page as a whole: well-formed, self-contained, complete; good or an error whatever it is made of.

use super::synthetic::{classification, report};
use super::*;
use crate::data::{Digits, Labelled};
use bayes_core::metrics::reliability_diagram;
use bayes_core::predict::Classification;
use rand::SeedableRng;
use rand::rngs::StdRng;
use roxmltree::{Document, Node, ParsingOptions};

/// Takes something away from a report, or breaks it.
type Spoil = fn(&mut Report);

const SCRIPT: &str = r#"<script>alert("&'")</script>"#;

/// Parses the page as XML, which wants every tag closed and every `&` escaped. HTML's two exceptions are closed first.
fn with_page(report: &Report, check: impl FnOnce(&Document<'_>)) {
    let html = report.to_html().unwrap();
    assert!(!html.contains("http"), "the page must need no other");
    let closed = html.replace("charset=\"utf-8\">", "charset=\"utf-8\"/>");
    let closed = closed
        .replace("initial-scale=1\">", "initial-scale=1\"/>")
        .replace("<br>", "<br/>");
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let page = Document::parse_with_options(&closed, options).unwrap();
    for node in page.descendants() {
        assert!(!["script", "link", "img", "iframe"].contains(&node.tag_name().name()));
        assert!(
            node.attributes()
                .all(|a| !["src", "href", "id"].contains(&a.name()))
        );
        // A number that is none would put its element nowhere, and a negative size is an error in SVG.
        let sizes = ["width", "height"].map(|name| node.attribute(name));
        assert!(
            sizes
                .iter()
                .flatten()
                .all(|size| size.parse::<u32>().is_ok()),
            "{sizes:?}"
        );
        let mut numbers = node.attributes().filter(|a| a.name() != "aria-label");
        assert!(numbers.all(|a| !a.value().contains("NaN") && !a.value().contains("inf")));
    }
    check(&page);
}

fn count(page: &Document<'_>, tag: &str, class: &str) -> usize {
    let is_it = |node: &Node<'_, '_>| {
        node.has_tag_name(tag) && node.attribute("class").unwrap_or_default() == class
    };
    page.descendants().filter(is_it).count()
}

/// The text in each element of that name.
fn text_of(page: &Document<'_>, tag: &str) -> Vec<String> {
    let nodes = page.descendants().filter(|node| node.has_tag_name(tag));
    let text = |node: Node<'_, '_>| -> String {
        let parts = node.descendants().filter(Node::is_text);
        parts.filter_map(|part| part.text()).collect()
    };
    nodes.map(text).collect()
}

#[test]
fn each_plot_is_one_svg_with_a_description() {
    for (models, layers) in [(&["plain"][..], 1), (&["plain", "bayesian", "int8"], 40)] {
        with_page(&report(models, layers), |page| {
            assert_eq!(count(page, "section", ""), 11);
            // Reliability, entropy, mutual information, fan and quantiles for each model, risk once, sigma and its ratio for each layer.
            assert_eq!(
                count(page, "svg", "plot"),
                5 * models.len() + 1 + 2 * layers
            );
            assert_eq!(count(page, "svg", "picture"), 12 + 6);
            assert_eq!(count(page, "table", "matrix"), models.len());
            assert_eq!(count(page, "details", ""), if layers > 9 { 2 } else { 0 });
            for svg in page.descendants().filter(|node| node.has_tag_name("svg")) {
                assert!(svg.attribute("viewBox").is_some() && svg.attribute("width").is_none());
                assert!(
                    svg.attribute("aria-label")
                        .is_some_and(|text| !text.is_empty())
                );
                assert!(svg.children().filter(Node::is_element).count() > 0);
            }
        });
    }
}

#[test]
fn bars_gaps_and_counts_are_those_of_the_reliability_metric() {
    let report = report(&["plain"], 0);
    let of = &report.predictions[0];
    let bins = reliability_diagram(&of.probabilities, of.classes, &of.labels, 15).unwrap();
    with_page(&report, |page| {
        let is_plot = |node: &Node<'_, '_>| node.attribute("class") == Some("plot");
        let plot = page.descendants().find(is_plot).unwrap();
        let heights = |attribute, values: &[&str]| -> Vec<f64> {
            let parts = plot.children().filter(|node| node.has_tag_name("rect"));
            let parts = parts.filter(|node| values.contains(&node.attribute(attribute).unwrap()));
            parts
                .map(|node| node.attribute("height").unwrap().parse().unwrap())
                .collect()
        };
        let bars = heights("fill", &["#4095C5"]);
        let gaps = heights("stroke", &["#D55E00", "#0072B2"]);
        assert_eq!((bars.len(), gaps.len()), (bins.len(), bins.len()));
        // Whole units, and the corners of a box are rounded each for itself.
        let right = bins.iter().position(|bin| bin.accuracy == 1.0);
        let unit = bars[right.expect("a bin without errors gives the scale")];
        for ((bar, gap), bin) in bars.iter().zip(&gaps).zip(&bins) {
            assert!((bar - unit * bin.accuracy).abs() <= 2.0, "{bin:?}: {bar}");
            let want = unit * (bin.accuracy - bin.mean_confidence).abs();
            assert!((gap - want).abs() <= 2.0, "{bin:?}: {gap}, not {want}");
        }
        let upright = |node: &Node<'_, '_>| node.attribute("transform").is_some();
        let texts = plot
            .children()
            .filter(upright)
            .filter_map(|node| node.text());
        let texts: Vec<&str> = texts
            .map(str::trim)
            .filter(|text| *text != "accuracy")
            .collect();
        let counts: Vec<String> = bins.iter().map(|bin| bin.examples.to_string()).collect();
        assert_eq!(texts, counts);
    });
}

#[test]
fn text_is_shown_as_it_is() {
    let mut report = report(&[SCRIPT], 1);
    report.title = SCRIPT.to_owned();
    report.summary = SCRIPT.to_owned();
    report.posteriors[0].name = SCRIPT.to_owned();
    report.least_sure.images.truncate(1);
    report.least_sure.surest.clear();
    report.least_sure.images[0].label = SCRIPT.to_owned();
    report.inspection = Inspection {
        explanation: SCRIPT.to_owned(),
        columns: vec![SCRIPT.to_owned()],
        rows: vec![vec![SCRIPT.to_owned()]],
    };
    with_page(&report, |page| {
        assert_eq!(text_of(page, "title"), [SCRIPT]);
        assert_eq!(text_of(page, "h1"), [SCRIPT]);
        let captions = text_of(page, "figcaption");
        assert_eq!(captions.len(), 9);
        assert!(
            captions.iter().all(|caption| caption.contains(SCRIPT)),
            "{captions:?}"
        );
        assert_eq!(text_of(page, "td").last().unwrap(), SCRIPT);
    });
}

#[test]
fn wrong_answers_are_marked_in_words() {
    let report = report(&["plain"], 0);
    let images = &report.least_sure.images;
    let wrong = images
        .iter()
        .filter(|image| image.label != image.prediction)
        .count();
    assert!(
        0 < wrong && wrong < images.len(),
        "{wrong} wrong: choose another seed"
    );
    assert!(images.is_sorted_by(|a, b| a.entropy >= b.entropy));
    let highest = report.predictions[0]
        .entropy
        .iter()
        .copied()
        .fold(0.0, f64::max);
    assert_eq!(images[0].entropy, highest);
    with_page(&report, |page| {
        assert_eq!(count(page, "figure", "wrong"), wrong);
        let marked = text_of(page, "figcaption")
            .iter()
            .filter(|text| text.contains("✗ wrong"))
            .count();
        assert_eq!(marked, wrong);
    });
}

#[test]
fn metrics_have_their_intervals() {
    let report = report(&["plain"], 0);
    with_page(&report, |page| {
        let cells = text_of(page, "td");
        let accuracy = format!("{:.3}", report.rows[0].accuracy);
        let cell = cells
            .iter()
            .find(|cell| cell.starts_with(&accuracy) && cell.contains(" – "));
        let ends: Vec<f64> = cell.expect("the accuracy with its interval")[accuracy.len()..]
            .split(" – ")
            .map(|end| end.parse().unwrap())
            .collect();
        // Two standard errors of a share p of n images on each side, more or less.
        let (p, n) = (
            report.rows[0].accuracy,
            report.predictions[0].labels.len() as f64,
        );
        let width = 2.0 * 1.96 * (p * (1.0 - p) / n).sqrt();
        assert!(ends[0] < p && p < ends[1], "{ends:?}");
        assert!(
            ((ends[1] - ends[0]) / width - 1.0).abs() < 0.25,
            "{ends:?}, {width}"
        );
    });
}

/// Writes the page of made-up models where `REPORT` says, to be looked at in a browser.
#[test]
#[ignore = "writes a file to look at"]
fn write_a_page_to_look_at() {
    let path = std::env::var_os("REPORT").expect("REPORT=page.html");
    report(&["plain", "bayesian", "int8"], 12)
        .write(path)
        .unwrap();
}

#[test]
fn a_picture_has_each_pixel_once_in_its_grey() {
    let mut report = Report::default();
    report.least_sure.images = vec![UncertainImage {
        picture: Picture::ink(2, &[0.0, 1.0, 0.5, 1.5]),
        ..UncertainImage::default()
    }];
    let html = report.to_html().unwrap();
    for path in [
        r##"<path fill="#ffffff" d="M0 0h1v1h-1z">"##,
        r##"<path fill="#808080" d="M0 1h1v1h-1z">"##,
        r##"<path fill="#000000" d="M1 0h1v1h-1zM1 1h1v1h-1z">"##,
    ] {
        assert!(html.contains(path), "{path} is not in {html}");
    }
}

#[test]
fn colours_are_planes_and_large_images_are_thinned() {
    let values = [
        0.0, 1.0, /* green */ 0.5, 0.25, /* blue */ 1.0, 0.0,
    ];
    let picture = Picture::new([3, 1, 2], &values).unwrap();
    assert_eq!(picture.pixels, [[0.0, 0.5, 1.0], [1.0, 0.25, 0.0]]);
    let ramp: Vec<f32> = (0..4 * 130).map(|i| i as f32).collect();
    let picture = Picture::new([1, 4, 130], &ramp).unwrap();
    assert_eq!((picture.width, picture.pixels.len()), (44, 2 * 44));
    assert_eq!(
        (picture.pixels[1], picture.pixels[44]),
        ([3.0; 3], [390.0; 3])
    );
    assert!(Picture::new([2, 1, 1], &[0.0; 2]).is_err());
    assert!(Picture::new([1, 2, 2], &[0.0; 3]).is_err());
}

#[test]
fn a_section_without_data_is_left_out() {
    with_page(&Report::default(), |page| {
        assert_eq!(count(page, "section", ""), 0)
    });
    let whole = report(&["plain"], 2);
    let parts: [Spoil; 6] = [
        |report| report.rows.clear(),
        |report| report.predictions.clear(),
        |report| report.forecasts.clear(),
        |report| report.posteriors.clear(),
        |report| report.least_sure.images.clear(),
        |report| report.inspection.rows.clear(),
    ];
    for (clear, left) in parts.into_iter().zip([10, 6, 9, 10, 10, 10]) {
        let mut part = whole.clone();
        clear(&mut part);
        with_page(&part, |page| assert_eq!(count(page, "section", ""), left));
    }
}

#[test]
fn extremes_make_a_page() {
    let mut report = report(&["plain", "bayesian"], 3);
    (report.rows[0].nll, report.rows[1].auroc_ood) = (f64::INFINITY, f64::NAN);
    // No patches; entropies all 0; a layer without weights, one without noise, one without signal.
    report.predictions[0].entropy_ood.clear();
    report.predictions[1].entropy.fill(-1e-16);
    (report.posteriors[0].mu, report.posteriors[0].sigma) = (vec![], vec![]);
    report.posteriors[1].sigma.fill(0.0);
    report.posteriors[2].mu.fill(0.0);
    with_page(&report, |page| {
        let cells = text_of(page, "td");
        assert!(cells.contains(&"∞".to_owned()) && cells.contains(&"–".to_owned()));
    });
}

#[test]
fn what_cannot_be_drawn_is_an_error_that_says_where() {
    let whole = report(&["plain"], 2);
    let cases: [(Spoil, &str); 9] = [
        (
            |r| r.predictions[0].probabilities[3] = f64::NAN,
            "model `plain`: probability NaN at row 0",
        ),
        (|r| r.predictions[0].labels.clear(), "model `plain`: "),
        (
            |r| r.predictions[0].entropy[7] = f64::NAN,
            "predictive entropy of test images, model `plain`, position 7: ",
        ),
        (
            |r| r.predictions[0].entropy_ood[0] = -0.1,
            "predictive entropy of images out of distribution, model `plain`, position 0: ",
        ),
        (
            |r| r.posteriors[1].mu[5] = f32::INFINITY,
            "mu of layer `conv1.weight`, position 5: ",
        ),
        (
            |r| r.posteriors[0].sigma[1] = -0.5,
            "sigma of layer `conv0.weight`, position 1: ",
        ),
        (
            |r| r.posteriors[0].sigma.truncate(9),
            "sigma of layer `conv0.weight`: expected 300 values, found 9",
        ),
        (
            |r| r.least_sure.images[0].picture.pixels[2][1] = f32::NAN,
            "pixels of an image",
        ),
        (
            |r| r.inspection.rows[0].truncate(1),
            "row 0 of the inspection: expected 2 values, found 1",
        ),
    ];
    for (spoil, want) in cases {
        let mut spoilt = whole.clone();
        spoil(&mut spoilt);
        let found = spoilt.to_html().unwrap_err().to_string();
        assert!(found.contains(want), "{found:?} does not say {want:?}");
    }
    let mut no_lines = whole.clone();
    no_lines.least_sure.images[0].picture.width = 0;
    assert!(matches!(no_lines.to_html(), Err(Error::Length { .. })));
}

#[test]
fn digits_without_their_predictions_are_errors() {
    let labels = vec![1, 2];
    let said = classification(&labels, 1.0, 1.0, &mut StdRng::seed_from_u64(0));
    let images = vec![0.5; 2 * Digits::PIXELS];
    let digits = Labelled { images, labels };
    assert_eq!(
        LeastSure::of_digits("plain", &digits, &said, 12)
            .unwrap()
            .images
            .len(),
        2
    );
    let spoil: [fn(&mut Classification); 4] = [
        |said| said.classes = 0,
        |said| said.probabilities.truncate(19),
        |said| said.predictive_entropy.clear(),
        |said| said.mutual_information.push(0.0),
    ];
    for spoil in spoil {
        let mut spoilt = said.clone();
        spoil(&mut spoilt);
        let found = LeastSure::of_digits("plain", &digits, &spoilt, 12);
        assert!(matches!(found, Err(Error::Length { .. })), "{found:?}");
    }
    let none = LeastSure::of_digits("plain", &Labelled::default(), &said, 12);
    assert!(matches!(none, Err(Error::Length { .. })), "{none:?}");
}

#[test]
fn a_page_replaces_the_one_before_or_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/report.html");
    let mut report = report(&["plain"], 1);
    report.write(&path).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        report.to_html().unwrap()
    );
    let before = report.to_html().unwrap();
    report.posteriors[0].mu[0] = f32::NAN;
    assert!(report.write(&path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    report.posteriors.clear();
    report.write(&path).unwrap();
    assert_ne!(std::fs::read_to_string(&path).unwrap(), before);
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");
    let no_folder = report.write(path.join("report.html"));
    assert!(
        matches!(no_folder, Err(Error::Write { .. })),
        "{no_folder:?}"
    );
}
