//! The page around the sections.

use super::Values;
use super::checks::Verdict;
use super::pack::json_for_script;
use super::templates::{Sources, Templates, markup};
use upon::Value;

/// A section of the page or of a part of it: a template and its values.
pub(crate) struct Section {
    /// Unique in the page: letters, digits and hyphens.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) template: &'static str,
    pub(crate) values: Values,
}

/// A step of the scenario, or an algorithm: opens and closes without script.
pub(crate) struct Part {
    pub(crate) id: String,
    pub(crate) title: String,
    /// What stands beside the title.
    pub(crate) verdict: Verdict,
    pub(crate) summary: String,
    pub(crate) open: bool,
    pub(crate) sections: Vec<Section>,
}

/// A report.
pub(crate) struct Report {
    pub(crate) title: String,
    /// The line under the title.
    pub(crate) lead: String,
    pub(crate) sections: Vec<Section>,
    /// What the parts are called, such as "Steps".
    pub(crate) parts_title: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) closing: Vec<Section>,
    /// What the script reads, as JSON.
    pub(crate) data: String,
}

impl Section {
    pub(crate) fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        template: &'static str,
        values: Values,
    ) -> Self {
        Self { id: id.into(), title: title.into(), template, values }
    }

    fn link(&self) -> Values {
        link(&self.id, &self.title)
    }

    fn filled(self, templates: &Templates) -> Result<Values, String> {
        let body = templates.filled(self.template, &self.values.into())?;
        Ok(link(&self.id, &self.title).with("body", markup(body)))
    }
}

fn link(id: &str, title: &str) -> Values {
    Values::new().with("id", id).with("title", title)
}

fn all(sections: Vec<Section>, templates: &Templates) -> Result<Vec<Values>, String> {
    sections.into_iter().map(|section| section.filled(templates)).collect()
}

impl Part {
    fn filled(self, templates: &Templates) -> Result<Values, String> {
        let values = link(&self.id, &self.title)
            .with("verdict", self.verdict)
            .with("summary", self.summary)
            .with("open", self.open);
        Ok(values.with("sections", all(self.sections, templates)?))
    }
}

impl Report {
    /// The whole file, by the shared templates and those of the example.
    ///
    /// # Panics
    ///
    /// If a template is wrong, which is a fault of the program: tests fill all of them in.
    pub(crate) fn html(self, own: &Sources) -> String {
        let filled = Templates::new(own).and_then(|templates| self.filled(&templates));
        filled.unwrap_or_else(|why| panic!("{why}"))
    }

    fn filled(self, templates: &Templates) -> Result<String, String> {
        let Self { title, lead, sections, parts_title, parts, closing, data } = self;
        let mut contents: Vec<Values> = sections.iter().map(Section::link).collect();
        contents.extend(parts.iter().map(|part| link(&part.id, &part.title)));
        contents.extend(closing.iter().map(Section::link));
        let parts: Result<Vec<Values>, String> =
            parts.into_iter().map(|part| part.filled(templates)).collect();
        let values: Value = Values::new()
            .with("title", title)
            .with("lead", lead)
            .with("contents", contents)
            .with("sections", all(sections, templates)?)
            .with("parts_title", parts_title)
            .with("parts", parts?)
            .with("closing", all(closing, templates)?)
            .with("style", markup(include_str!("style.css")))
            .with("data", markup(json_for_script(&data)))
            .with("script", markup(include_str!("script.js")))
            .into();
        templates.filled("page", &values).map(|page| page + "\n")
    }
}
