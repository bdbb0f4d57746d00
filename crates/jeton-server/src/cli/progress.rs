//! A bar for what takes long: on standard error, and only where that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that counts things, of as many as whoever moves it says.
pub(super) fn count() -> ProgressBar {
    bar(
        Some(0),
        "{elapsed_precise} {wide_bar} {human_pos}/{human_len} {eta}",
        "",
    )
}

/// A bar that counts bytes, of as many as there are if that is known.
pub(super) fn bytes(total: Option<u64>) -> ProgressBar {
    bar(
        total,
        "{elapsed_precise} {wide_bar} {bytes}/{total_bytes} {eta}",
        "{elapsed_precise} {bytes}",
    )
}

fn bar(total: Option<u64>, of_many: &str, open: &str) -> ProgressBar {
    let template = if total.is_some() { of_many } else { open };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
