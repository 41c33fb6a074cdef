//! Draws one plot as SVG: cost over size, with logarithmic axes.

use plotters::coord::Shift;
use plotters::prelude::*;
use std::error::Error;
use std::ops::Range;

/// A plot.
pub struct Plot {
    /// The title above the plot.
    pub title: &'static str,
    /// The label of the size axis.
    pub across: &'static str,
    /// The unit of the cost.
    pub unit: &'static str,
    /// One line for each adapter.
    pub lines: Vec<Line>,
}

/// The line of an adapter.
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// The side it belongs to.
    pub side: Side,
    /// Pairs of size and cost.
    pub points: Vec<(f64, f64)>,
}

/// The side of a line and its number within the side, which give its colour.
#[derive(Clone, Copy)]
pub enum Side {
    /// This crate: dark and thick.
    Ours(usize),
    /// Another crate.
    Other(usize),
    /// A floor: grey.
    Floor(usize),
}

const SIZE: (u32, u32) = (800, 500);
/// The width of the chart; the rest is for the legend.
const CHART_WIDTH: i32 = 530;
const FONT: &str = "sans-serif";

const OURS: [RGBColor; 4] =
    [RGBColor(0, 0, 0), RGBColor(20, 50, 120), RGBColor(120, 20, 60), RGBColor(20, 90, 40)];
const FLOORS: [RGBColor; 3] =
    [RGBColor(120, 120, 120), RGBColor(160, 160, 160), RGBColor(195, 195, 195)];
/// Okabe and Ito's colours, which most people with colour blindness can tell apart.
const OTHERS: [RGBColor; 6] = [
    RGBColor(213, 94, 0),
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

type Done = Result<(), Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

impl Plot {
    /// Draws the SVG; the same lines give the same text.
    pub fn svg(&self) -> Result<String, Box<dyn Error>> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            area.fill(&WHITE)?;
            let (left, right) = area.split_horizontally(CHART_WIDTH);
            self.chart(&left)?;
            self.legend(&right)?;
            area.present()?;
        }
        Ok(svg)
    }

    fn chart(&self, area: &Area<'_>) -> Done {
        let (sizes, costs) = (self.range(|point| point.0), self.range(|point| point.1));
        // Whole decades, so both ends of the axis have a label.
        let low = costs.start.log10().floor() as i32;
        let high = (costs.end.log10().ceil() as i32).max(low + 1);
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .caption(format!("{}, {}", self.title, self.unit), (FONT, 20))
            .x_label_area_size(44)
            .y_label_area_size(74)
            .build_cartesian_2d(
                (sizes.start / 1.15..sizes.end * 1.15).log_scale(),
                (10_f64.powi(low)..10_f64.powi(high)).log_scale(),
            )?;
        chart
            .configure_mesh()
            .x_desc(self.across)
            .y_desc(self.unit)
            .x_labels(8)
            .y_labels(10)
            .x_label_formatter(&number)
            .y_label_formatter(&number)
            .label_style((FONT, 15))
            .axis_desc_style((FONT, 17))
            .bold_line_style(BLACK.mix(0.2))
            .light_line_style(BLACK.mix(0.06))
            .draw()?;
        for line in &self.lines {
            let style = line.side.style();
            let dots = line.points.iter().map(|point| Circle::new(*point, 3, style.filled()));
            chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
            chart.draw_series(dots)?;
        }
        Ok(())
    }

    /// Lists the lines by the cost at their right end, highest first.
    fn legend(&self, area: &Area<'_>) -> Done {
        let cost = |line: &Line| line.points.last().map_or(0.0, |point| point.1);
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
        for (line, place) in lines.into_iter().zip(0..) {
            let (y, style) = (60 + 24 * place, line.side.style());
            area.draw(&PathElement::new([(4, y), (28, y)], style))?;
            area.draw(&Circle::new((16, y), 3, style.filled()))?;
            area.draw(&Text::new(line.name.clone(), (34, y - 6), (FONT, 15)))?;
        }
        Ok(())
    }

    fn range(&self, of: impl Fn(&(f64, f64)) -> f64) -> Range<f64> {
        let all = || self.lines.iter().flat_map(|line| &line.points).map(&of);
        all().fold(f64::INFINITY, f64::min)..all().fold(0.0, f64::max)
    }
}

impl Side {
    fn style(self) -> ShapeStyle {
        match self {
            Self::Ours(i) => OURS[i % OURS.len()].stroke_width(4),
            Self::Other(i) => OTHERS[i % OTHERS.len()].stroke_width(2),
            Self::Floor(i) => FLOORS[i % FLOORS.len()].stroke_width(2),
        }
    }
}

/// Formats a number, with commas from 10,000 on.
fn number(value: &f64) -> String {
    if *value < 1.0 {
        return value.to_string();
    }
    let digits = format!("{value:.0}");
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (digit, left) in digits.chars().zip((0..digits.len()).rev()) {
        out.push(digit);
        if left > 0 && left % 3 == 0 {
            out.push(',');
        }
    }
    out
}
