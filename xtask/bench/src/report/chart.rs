//! The ratios as bars, one picture a scenario, in SVG.

use std::{fs, path::Path};

use super::{Report, Row, Spread};
use crate::scenario::Scenario;

const WIDTH: f64 = 720.0;
const BAR: f64 = 26.0;
const LABELS: f64 = 190.0;
const VALUES: f64 = 150.0;
const TOP: f64 = 44.0;

/// Writes a picture for each scenario into a folder; which ones.
pub fn write(report: &Report, scenarios: &[&Scenario], folder: &Path) -> Result<usize, String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut written = 0;
    for scenario in scenarios {
        let rows = report.rows.iter().filter(|row| row.scenario == scenario.name);
        let bars: Vec<_> = rows.filter_map(bar).collect();
        if bars.is_empty() {
            continue;
        }
        let path = folder.join(format!("{}.svg", scenario.name));
        let text = picture(&format!("{}, {}", scenario.title, caption(&bars)), &bars);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        written += 1;
    }
    Ok(written)
}

struct Bar<'a> {
    system: &'a str,
    what: &'static str,
    spread: Spread,
}

/// What is drawn of a row: the first of these that it has.
const DRAWN: &[(&str, &str)] = &[
    ("added_p50_us", "added µs, p50"),
    ("each_kb", "kB each"),
    ("cpu_us", "CPU µs each"),
    ("rss_mb", "MB"),
];

fn bar(row: &Row) -> Option<Bar<'_>> {
    let is_open = ["rate-200", "first-token"].contains(&row.scenario.as_str());
    let mut drawn = DRAWN.iter().filter(|(name, _)| is_open || *name != "added_p50_us");
    let (spread, what) = drawn.find_map(|(name, what)| Some((*row.figures.get(*name)?, *what)))?;
    (row.system != "direct").then_some(Bar { system: &row.system, what, spread })
}

fn caption(bars: &[Bar<'_>]) -> &'static str {
    bars.first().map_or("", |bar| bar.what)
}

fn picture(title: &str, bars: &[Bar<'_>]) -> String {
    let most = bars.iter().map(|bar| bar.spread.most).fold(f64::MIN_POSITIVE, f64::max);
    let scale = (WIDTH - LABELS - VALUES) / most;
    let height = TOP + BAR * bars.len() as f64 + 12.0;
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" \
         fill=\"white\"/>\n<text x=\"12\" y=\"24\" font-weight=\"bold\">{title}</text>\n"
    );
    let drawn =
        bars.iter().enumerate().map(|(index, bar)| draw(bar, TOP + BAR * index as f64, scale));
    head + &drawn.collect::<String>() + "</svg>\n"
}

fn draw(bar: &Bar<'_>, y: f64, scale: f64) -> String {
    let Bar { system, spread: Spread { median, least, most }, .. } = bar;
    let fill = if system.starts_with("gateway") { "#b7410e" } else { "#9aa5b1" };
    let (middle, base, height) = (y + BAR * 0.4, y + BAR * 0.58, BAR * 0.8);
    let [median_x, least_x, most_x] = [median, least, most].map(|v| LABELS + v.max(0.0) * scale);
    let (width, text_x) = (median_x - LABELS, most_x + 8.0);
    format!(
        "<text x=\"12\" y=\"{base:.1}\">{system}</text>\n<rect x=\"{LABELS}\" y=\"{y:.1}\" \
         width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>\n<path d=\"M{least_x:.1} \
         {middle:.1}H{most_x:.1}\" stroke=\"#222\"/>\n<text x=\"{text_x:.1}\" \
         y=\"{base:.1}\">{median:.1} [{least:.1}–{most:.1}]</text>\n"
    )
}
