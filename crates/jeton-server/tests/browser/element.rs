//! Something on a page, found as a person finds it: a field by its label, a button or a link by what it says.

use std::fmt::{self, Write as _};

use serde_json::{Value, json};

use crate::{
    browser::{Browser, text},
    driver::Refusal,
};

/// The name under which the standard has an element's reference.
const REFERENCE: &str = "element-6066-11e4-a52e-4f735466cecf";

#[derive(Clone)]
pub(crate) struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

/// How something is found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By<'a> {
    Css(&'a str),
    /// A field with this label.
    Label(&'a str),
    /// A button that says this, or begins with it where one says more to those who do not see what stands around it.
    Button(&'a str),
    /// A link that says this.
    Link(&'a str),
    /// A heading that says this.
    Heading(&'a str),
    /// Anything with this text, innermost.
    Text(&'a str),
}

impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Css(selector) => write!(f, "`{selector}`"),
            Self::Label(label) => write!(f, "a field “{label}”"),
            Self::Button(label) => write!(f, "a button “{label}”"),
            Self::Link(label) => write!(f, "a link “{label}”"),
            Self::Heading(label) => write!(f, "a heading “{label}”"),
            Self::Text(label) => write!(f, "the text “{label}”"),
        }
    }
}

impl By<'_> {
    /// As the standard names its strategies.
    fn strategy(self) -> (&'static str, String) {
        let (pattern, said) = match self {
            Self::Css(selector) => return ("css selector", selector.to_owned()),
            Self::Label(label) => (
                "//*[self::input or self::textarea or self::select]\
                 [@id = //label[normalize-space() = {}]/@for or ancestor::label[normalize-space() = {}] \
                 or @aria-label = {}]",
                label,
            ),
            Self::Button(label) => (
                "//*[self::button or self::summary or @role = 'button']\
                 [starts-with(normalize-space(), {}) or @aria-label = {}] | //input[@type = 'submit'][@value = {}]",
                label,
            ),
            Self::Link(label) => ("//a[@href][normalize-space() = {} or @aria-label = {}]", label),
            Self::Heading(label) => (
                "//*[self::h1 or self::h2 or self::h3][normalize-space() = {}]",
                label,
            ),
            Self::Text(label) => (
                "//*[not(self::script or self::style or self::title)][contains(normalize-space(), {})]\
                 [not(*[contains(normalize-space(), {})])]",
                label,
            ),
        };
        ("xpath", pattern.replace("{}", &literal(said)))
    }
}

/// A text as a path has it, which knows no escapes.
fn literal(said: &str) -> String {
    if !said.contains('\'') {
        return format!("'{said}'");
    }
    let mut parts = String::from("concat(''");
    for (number, part) in said.split('\'').enumerate() {
        if number > 0 {
            parts.push_str(", \"'\"");
        }
        let _ = write!(parts, ", '{part}'");
    }
    parts + ")"
}

impl Browser {
    /// Waits for it to be seen.
    pub(crate) fn find(&self, by: By<'_>) -> Element<'_> {
        self.wait(by, || self.seen(by).into_iter().next())
    }

    pub(crate) fn css(&self, selector: &str) -> Element<'_> {
        self.find(By::Css(selector))
    }

    pub(crate) fn field(&self, label: &str) -> Element<'_> {
        self.find(By::Label(label))
    }

    pub(crate) fn button(&self, label: &str) -> Element<'_> {
        self.find(By::Button(label))
    }

    pub(crate) fn link(&self, label: &str) -> Element<'_> {
        self.find(By::Link(label))
    }

    /// Waits for a text to be seen.
    pub(crate) fn reads(&self, said: &str) -> Element<'_> {
        self.find(By::Text(said))
    }

    pub(crate) fn is_seen(&self, by: By<'_>) -> bool {
        !self.seen(by).is_empty()
    }

    /// All that match, and are seen.
    pub(crate) fn seen(&self, by: By<'_>) -> Vec<Element<'_>> {
        let mut found = self.all(by);
        found.retain(Element::is_seen);
        found
    }

    /// All that match.
    pub(crate) fn all(&self, by: By<'_>) -> Vec<Element<'_>> {
        let (using, value) = by.strategy();
        let found = self.try_post("elements", &json!({ "using": using, "value": value }));
        let found: Vec<Value> = match found {
            Ok(found) => serde_json::from_value(found).unwrap(),
            // The page is just going.
            Err(refusal)
                if refusal.error == "unknown error" || refusal.error == "stale element reference" =>
            {
                Vec::new()
            }
            Err(refusal) => panic!("{by}: {refusal}"),
        };
        found
            .iter()
            .filter_map(|found| Element::of(self, found))
            .collect()
    }

    /// Types into the field with this label, in place of what it holds.
    pub(crate) fn fill(&self, label: &str, said: &str) -> &Self {
        self.field(label).fill(said);
        self
    }

    pub(crate) fn press(&self, button: &str) -> &Self {
        self.button(button).click();
        self
    }

    pub(crate) fn follow(&self, link: &str) -> &Self {
        self.link(link).click();
        self
    }
}

impl<'b> Element<'b> {
    pub(crate) fn of(browser: &'b Browser, found: &Value) -> Option<Self> {
        let id = found[REFERENCE].as_str()?.to_owned();
        Some(Self { browser, id })
    }

    /// As a script takes it for an argument.
    pub(crate) fn reference(&self) -> Value {
        json!({ REFERENCE: self.id })
    }

    pub(crate) fn click(&self) {
        self.post("click", &json!({}));
    }

    pub(crate) fn fill(&self, said: &str) {
        self.post("clear", &json!({}));
        self.post("value", &json!({ "text": said }));
    }

    pub(crate) fn type_text(&self, said: &str) {
        self.post("value", &json!({ "text": said }));
    }

    /// As it is seen.
    pub(crate) fn text(&self) -> String {
        text(self.get("text"))
    }

    pub(crate) fn value(&self) -> String {
        text(self.get("property/value"))
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.get(&format!("attribute/{name}")).as_str().map(str::to_owned)
    }

    /// What a reader of the screen calls it.
    pub(crate) fn name(&self) -> String {
        text(self.get("computedlabel"))
    }

    pub(crate) fn is_seen(&self) -> bool {
        self.try_get("displayed").is_ok_and(|seen| seen == json!(true))
    }

    /// Whether the page it was on has gone.
    pub(crate) fn is_gone(&self) -> bool {
        self.try_get("name").is_err()
    }

    /// Chooses what says this from a list.
    pub(crate) fn choose(&self, option: &str) {
        let inside = format!(".//option[normalize-space() = {}]", literal(option));
        let found = self.browser.post(
            &format!("element/{}/element", self.id),
            &json!({ "using": "xpath", "value": inside }),
        );
        Element::of(self.browser, &found)
            .unwrap_or_else(|| panic!("{found} is no element"))
            .click();
    }

    /// Presses a button inside of it.
    pub(crate) fn press(&self, label: &str) {
        let (using, value) = By::Button(label).strategy();
        let value = value.replace("//", ".//");
        let found = self.browser.post(
            &format!("element/{}/element", self.id),
            &json!({ "using": using, "value": value }),
        );
        Element::of(self.browser, &found)
            .unwrap_or_else(|| panic!("{found} is no element"))
            .click();
    }

    fn try_get(&self, what: &str) -> Result<Value, Refusal> {
        self.browser.try_get(&format!("element/{}/{what}", self.id))
    }

    fn get(&self, what: &str) -> Value {
        self.try_get(what)
            .unwrap_or_else(|refusal| panic!("{what} of an element: {refusal}"))
    }

    fn post(&self, what: &str, body: &Value) {
        self.browser.post(&format!("element/{}/{what}", self.id), body);
    }
}
