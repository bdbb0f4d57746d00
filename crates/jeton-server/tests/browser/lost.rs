//! What a page hides from somebody with a narrow screen or with large letters.

use crate::browser::Browser;

/// What stands beyond the page's right edge, and texts that are cut off. What is a pixel large is for readers of the
/// screen; what scrolls is reached.
const LOOK: &str = "
    const lost = [];
    const name = (element) => `${element.localName}.${element.className}: ${element.textContent.trim().slice(0, 40)}`;
    if (document.documentElement.scrollWidth > innerWidth) lost.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const element of document.body.querySelectorAll('*')) {
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        if (!element.checkVisibility({ visibilityProperty: true }) || box.width <= 1 || box.height <= 1) continue;
        if (document.documentElement.scrollWidth > innerWidth && box.right > innerWidth + 1) lost.push(`beyond the edge: ${name(element)}`);
        const isCut = (overflow, inside, outside) => (overflow === 'hidden' || overflow === 'clip') && inside > outside + 2;
        if (element.matches('[aria-hidden=true], [aria-hidden=true] *, svg, svg *, input, textarea, select')) continue;
        if (isCut(style.overflowX, element.scrollWidth, element.clientWidth) || isCut(style.overflowY, element.scrollHeight, element.clientHeight))
            lost.push(`cut off: ${name(element)}`);
    }
    return lost.join('\\n');";

impl Browser {
    /// Empty if nothing.
    pub(crate) fn lost(&self) -> String {
        self.run(LOOK, &[]).as_str().unwrap_or_default().to_owned()
    }

    /// Makes letters as large as this, in percent of what they are.
    pub(crate) fn enlarge(&self, percent: u32) {
        self.run(
            "document.documentElement.style.fontSize = `${arguments[0]}%`",
            &[percent.into()],
        );
    }
}
