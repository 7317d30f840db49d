//! The figures as bars: a drawing in SVG and a picture in PNG for each scenario, and for each group
//! of scenarios that belong together.

use std::{fs, path::Path};

use super::{Report, Row, Spread, table::number};
use crate::scenario::{BODIES, FLAT, Scenario};

/// The font that drawings name, in which every character is as wide as any other.
pub(super) const FONT: &str = "DejaVu Sans Mono";
const WIDTH: f64 = 860.0;
const BAR: f64 = 26.0;
const LABELS: f64 = 240.0;
const VALUES: f64 = 210.0;
const TOP: f64 = 44.0;

/// Writes charts into a folder; how many.
pub fn write(report: &Report, scenarios: &[&Scenario], folder: &Path) -> Result<usize, String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut written = 0;
    for (name, title, bars) in charts(report, scenarios) {
        let Some(first) = bars.first() else { continue };
        let drawing = drawing(&format!("{title}: {}", first.what), &bars);
        put(&folder.join(format!("{name}.svg")), drawing.as_bytes())?;
        #[cfg(feature = "pictures")]
        put(&folder.join(format!("{name}.png")), &super::picture::render(&drawing)?)?;
        written += 1;
    }
    Ok(written)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

struct Bar {
    label: String,
    what: &'static str,
    spread: Spread,
}

type Chart<'a> = (&'a str, &'a str, Vec<Bar>);

fn charts<'a>(report: &'a Report, scenarios: &[&'a Scenario]) -> Vec<Chart<'a>> {
    let single = scenarios.iter().map(|scenario| {
        let rows = report.rows.iter().filter(|row| row.scenario == scenario.name);
        let bars = rows.filter_map(|row| bar(row, row.system.clone(), scenario.is_open()));
        (scenario.name, scenario.title, bars.collect())
    });
    let bodies: Vec<_> = BODIES.iter().map(|(name, _)| *name).collect();
    let groups = [
        ("flat", "a request over so many connections", FLAT.to_vec()),
        ("bodies", "a request with a prompt of so many bytes", bodies),
    ];
    let groups = groups.into_iter().map(|(name, title, members)| {
        let systems = ["nothing", "gateway"];
        let rows = systems.iter().flat_map(|system| members.iter().map(move |m| (*m, *system)));
        let bars = rows.filter_map(|(member, system)| {
            bar(report.row(member, system)?, format!("{system}, {member}"), false)
        });
        (name, title, bars.collect())
    });
    single.chain(groups).collect()
}

/// What is drawn of a row: the first of these that it has.
const DRAWN: &[(&str, &str)] = &[
    ("added_p50_us", "added µs, p50"),
    ("each_kb", "kB each"),
    ("cpu_us", "CPU µs each"),
    ("slowest_us", "µs until the upstream knows, slowest"),
    ("rss_mb", "MB"),
];

fn bar(row: &Row, label: String, is_open: bool) -> Option<Bar> {
    let mut drawn = DRAWN.iter().filter(|(name, _)| is_open || *name != "added_p50_us");
    let (spread, what) = drawn.find_map(|(name, what)| Some((*row.figures.get(*name)?, *what)))?;
    (row.system != "direct").then_some(Bar { label, what, spread })
}

fn drawing(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.spread.most).fold(f64::MIN_POSITIVE, f64::max);
    let scale = (WIDTH - LABELS - VALUES) / most;
    let (height, title) = (TOP + BAR * bars.len() as f64 + 12.0, escaped(title));
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"{FONT}, monospace\" font-size=\"13\">\n<rect width=\"100%\" \
         height=\"100%\" fill=\"white\"/>\n<text x=\"12\" y=\"24\" \
         font-weight=\"bold\">{title}</text>\n"
    );
    let drawn =
        bars.iter().enumerate().map(|(index, bar)| draw(bar, TOP + BAR * index as f64, scale));
    head + &drawn.collect::<String>() + "</svg>\n"
}

fn draw(bar: &Bar, y: f64, scale: f64) -> String {
    let Spread { median, least, most } = bar.spread;
    let fill = if bar.label.starts_with("gateway") { "#b7410e" } else { "#9aa5b1" };
    let (middle, base, height) = (y + BAR * 0.4, y + BAR * 0.58, BAR * 0.8);
    let [median_x, least_x, most_x] = [median, least, most].map(|v| LABELS + v.max(0.0) * scale);
    let (width, text_x, label) = (median_x - LABELS, most_x + 8.0, escaped(&bar.label));
    let [median, least, most] = [median, least, most].map(number);
    format!(
        "<text x=\"12\" y=\"{base:.1}\">{label}</text>\n<rect x=\"{LABELS}\" y=\"{y:.1}\" \
         width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>\n<path d=\"M{least_x:.1} \
         {middle:.1}H{most_x:.1}\" stroke=\"#222\"/>\n<text x=\"{text_x:.1}\" \
         y=\"{base:.1}\">{median} [{least}–{most}]</text>\n"
    )
}

/// A peer may be called anything.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_signs_of_its_own_is_drawn_all_the_same() {
        let spread = Spread { median: 2.0, least: 1.0, most: 3.0 };
        let bar = Bar { label: "a<b & c".to_owned(), what: "MB", spread };
        let drawing = drawing("R&D", &[bar]);
        assert!(drawing.contains("a&lt;b &amp; c") && drawing.contains("R&amp;D"), "{drawing}");
        #[cfg(feature = "pictures")]
        assert!(crate::report::picture::render(&drawing).is_ok());
    }
}
