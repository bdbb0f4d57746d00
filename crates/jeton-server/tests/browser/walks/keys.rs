//! Keys, as an administrator rotates them and looks on.

use crate::{browser::Browser, element::By, site::Site, walker::each_way};

#[test]
fn a_key_is_rotated_and_one_given_up() {
    each_way(|site, walker| {
        site.administrator("ada");
        walker.sign_in(&site, "ada").show(&site, "/console/keys");
        let kid = walker.browser.css(".lanes code").text();
        walker.follow("Rotate… Access tokens").finds("What will happen");
        walker.press("Rotate").reads("The new key is published.");
        assert_eq!(published(&site), 2);

        walker.follow("Rotate… Access tokens").reads("waits to sign");
        let label = format!("Type {kid} to go on");
        walker.fill(&label, "another").press("Give the key up");
        walker.reads("This is not the name of the key that signs.");
        walker.fill(&label, &kid).press("Give the key up");
        walker.reads("The key is given up.");
        assert_eq!(published(&site), 1);
    });
}

fn published(site: &Site) -> usize {
    let keys = site.api().get("/.well-known/jwks.json", "").body;
    keys["keys"].as_array().map_or(0, Vec::len)
}

#[test]
fn the_time_line_shows_a_rotation_from_before_it_begins_until_the_old_key_is_retired() {
    let (site, browser) = (Site::start(), Browser::open());
    site.administrator("ada");
    site.sign_in(&browser, "ada");
    let before = lanes(&site, &browser);
    assert_eq!(told(&before), ["signs: signs"]);
    let old = &before[0].kid;

    browser
        .follow("Rotate… Access tokens")
        .press("Rotate")
        .reads("The new key is published.");
    let published = lanes(&site, &browser);
    assert_eq!(
        told(&published),
        ["signs: verifies signs", "published: published signs"]
    );
    assert_eq!(&published[0].kid, old);
    assert!(published[1].bar("published").contains(published[1].now));
    assert!(published[0].bar("signs").contains(published[0].now));
    // What one key ends the other begins.
    assert_eq!(published[0].bar("signs").to, published[1].bar("signs").from);

    let site = site.restarted_under("+10m");
    let signing = lanes(&site, &browser);
    assert_eq!(
        told(&signing),
        ["verifies only: verifies signs", "signs: published signs"]
    );
    assert!(signing[1].bar("signs").contains(signing[1].now));
    assert!(signing[0].bar("verifies").contains(signing[0].now));
    assert_eq!(signing[0].bar("signs").to, signing[0].bar("verifies").from);

    let site = site.restarted_under("+2h");
    let retired = lanes(&site, &browser);
    assert_eq!(told(&retired).len(), 1);
    assert_eq!(retired[0].kid, signing[1].kid);
    browser.find(By::Text(old));
    browser.reads("Retired:");
}

/// A key on the time line of access tokens, as it is drawn.
struct Lane {
    kid: String,
    state: String,
    /// Where now is.
    now: i64,
    bars: Vec<Bar>,
}

struct Bar {
    kind: String,
    from: i64,
    to: i64,
}

impl Bar {
    fn contains(&self, at: i64) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

impl Lane {
    fn bar(&self, kind: &str) -> &Bar {
        self.bars.iter().find(|bar| bar.kind == kind).unwrap()
    }
}

/// The state of each key, and what is drawn of it.
fn told(lanes: &[Lane]) -> Vec<String> {
    let told = lanes.iter().map(|lane| {
        let kinds: Vec<_> = lane.bars.iter().map(|bar| bar.kind.as_str()).collect();
        format!("{}: {}", lane.state, kinds.join(" "))
    });
    told.collect()
}

fn lanes(site: &Site, browser: &Browser) -> Vec<Lane> {
    const LOOK: &str = "
        const place = (element) => element.getBoundingClientRect();
        const kind = (bar) => bar.matches('.published') ? 'published'
            : bar.getAttribute('fill').startsWith('url') ? 'verifies' : 'signs';
        return [...document.querySelector('.lanes').children].map((lane) => ({
            kid: lane.querySelector('code').textContent,
            state: lane.querySelector('.tag').textContent,
            now: Math.round(place(lane.querySelector('.now')).x),
            bars: [...lane.querySelectorAll('rect')].map((bar) => ({
                kind: kind(bar), from: Math.round(place(bar).left), to: Math.round(place(bar).right),
            })),
        }));";
    site.show(browser, "/console/keys").css(".lanes svg");
    let lanes = browser.run(LOOK, &[]);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let bar = |bar: &serde_json::Value| Bar {
        kind: text(&bar["kind"]),
        from: bar["from"].as_i64().unwrap(),
        to: bar["to"].as_i64().unwrap(),
    };
    let lanes = lanes.as_array().unwrap().iter();
    lanes
        .map(|lane| Lane {
            kid: text(&lane["kid"]),
            state: text(&lane["state"]),
            now: lane["now"].as_i64().unwrap(),
            bars: lane["bars"].as_array().unwrap().iter().map(bar).collect(),
        })
        .collect()
}
