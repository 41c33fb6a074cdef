//! The page around the sections.

use super::html::Html;

/// A section of the page or of a part of it.
pub(crate) struct Section {
    /// Unique in the page: letters, digits and hyphens.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) body: Html,
}

/// A step of the scenario, or an algorithm: opens and closes without script.
pub(crate) struct Part {
    pub(crate) id: String,
    pub(crate) title: String,
    /// One line beside the title.
    pub(crate) summary: Html,
    pub(crate) open: bool,
    pub(crate) sections: Vec<Section>,
}

/// A report.
pub(crate) struct Report {
    pub(crate) title: String,
    /// The lines under the title.
    pub(crate) lead: Html,
    pub(crate) sections: Vec<Section>,
    /// What the parts are called, such as "Steps".
    pub(crate) parts_title: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) closing: Vec<Section>,
    /// What the script reads, as JSON.
    pub(crate) data: String,
}

impl Section {
    pub(crate) fn new(id: impl Into<String>, title: &str, body: Html) -> Self {
        Self { id: id.into(), title: title.to_owned(), body }
    }
}

/// Patterns beside colours, for all pictures. They are hidden from readers, not from references.
const PATTERNS: &str = "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\" \
    focusable=\"false\"><defs><pattern id=\"hatch-out\" width=\"4\" height=\"4\" \
    patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"4\" height=\"4\" \
    class=\"f-out\"/><path d=\"M0 0V4\" class=\"hatch\"/></pattern><pattern id=\"dots-in\" \
    width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\"><rect width=\"4\" height=\"4\" \
    class=\"f-in\"/><circle cx=\"2\" cy=\"2\" r=\".8\" class=\"dot\"/></pattern></defs></svg>\n";

impl Report {
    /// The whole file.
    pub(crate) fn html(&self) -> String {
        let mut out = Html::new();
        out.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        out.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        out.markup("<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
        // Without an icon of its own, a browser asks the server for one.
        out.text(&self.title).markup("</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n");
        out.markup(include_str!("style.css")).markup("</style>\n</head>\n<body>\n");
        out.markup("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n").markup(PATTERNS);
        out.markup("<header class=\"page\"><h1>").text(&self.title).markup("</h1>\n");
        out.push(&self.lead).markup("</header>\n");
        self.contents(&mut out);
        out.markup("<main id=\"main\">\n");
        self.sections.iter().for_each(|section| write(&mut out, section, false));
        if !self.parts.is_empty() {
            out.markup("<section id=\"parts\" aria-labelledby=\"parts-h\"><h2 id=\"parts-h\">");
            out.text(&self.parts_title).markup("</h2>\n");
            self.parts.iter().for_each(|part| part.write(&mut out));
            out.markup("</section>\n");
        }
        self.closing.iter().for_each(|section| write(&mut out, section, false));
        out.markup("</main>\n<script type=\"application/json\" id=\"data\">");
        out.script_json(&self.data).markup("</script>\n<script>\n");
        out.markup(include_str!("script.js")).markup("</script>\n</body>\n</html>\n");
        out.into_string()
    }

    fn contents(&self, out: &mut Html) {
        out.markup("<nav aria-label=\"Contents\"><ul>\n");
        let mut link = |id: &str, title: &str| {
            out.markup("<li><a href=\"#").text(id).markup("\">").text(title).markup("</a></li>\n");
        };
        self.sections.iter().for_each(|section| link(&section.id, &section.title));
        self.parts.iter().for_each(|part| link(&part.id, &part.title));
        self.closing.iter().for_each(|section| link(&section.id, &section.title));
        out.markup("</ul></nav>\n");
    }
}

impl Part {
    fn write(&self, out: &mut Html) {
        out.markup("<details class=\"part\" id=\"").text(&self.id).markup("\"");
        out.markup(if self.open { " open" } else { "" }).markup("><summary><h3>");
        out.text(&self.title).markup("</h3><span class=\"about\">").push(&self.summary);
        out.markup("</span></summary>\n<div class=\"inside\">\n");
        self.sections.iter().for_each(|section| write(out, section, true));
        out.markup("</div></details>\n");
    }
}

fn write(out: &mut Html, section: &Section, in_part: bool) {
    out.markup("<section id=\"").text(&section.id).markup("\"");
    // With a name a section is a landmark, and the sections of parts have the same names.
    if !in_part {
        out.markup(" aria-labelledby=\"").text(&section.id).markup("-h\"");
    }
    out.markup(">")
        .markup(if in_part { "<h4 id=\"" } else { "<h2 id=\"" })
        .text(&section.id)
        .markup("-h\">");
    out.text(&section.title).markup(if in_part { "</h4>\n" } else { "</h2>\n" });
    out.push(&section.body).markup("</section>\n");
}
