use crate::measure::Result;

/// What the yardstick took on the machine the goals were set on, in nanoseconds.
const USUAL: f64 = 360.0;

pub fn print_head(rounds: usize) {
    println!("median of {rounds} interleaved batches of 0.3 ms, pinned; ± is half the interquartile range\n");
}

/// One operation: every contender, then what the goals ask.
pub fn print_line(name: &str, results: &[Result]) {
    println!("{name}");
    for Result {
        name,
        median,
        spread,
        allocations,
    } in results
    {
        println!(
            "  {name:<18} {:>9.3} µs  ± {:>4.1} %  {allocations:>5.1} allocations",
            median / 1e3,
            spread * 50.0
        );
    }
    let find = |wanted: &str| results.iter().find(|result| result.name == wanted);
    let (Some(yardstick), Some(limit), Some(jeton)) = (find("yardstick"), find("limit"), find("jeton"))
    else {
        return;
    };
    let ours = ["yardstick", "limit", "jeton", "jeton in"];
    let peers = results.iter().filter(|result| !ours.contains(&result.name));
    let Some(best) = peers.min_by(|one, other| one.median.total_cmp(&other.median)) else {
        return;
    };
    let ratio = jeton.median / best.median;
    let over = (jeton.median - limit.median) / 1e3;
    // The goals name microseconds of another machine; this one's are longer or shorter.
    let pace = yardstick.median / USUAL;
    let (goal, reached) = match name {
        "HS256 sign" => ("<= 0.70 x peer", ratio <= 0.70),
        "HS256 verify" => ("<= 0.50 x peer", ratio <= 0.50),
        _ => ("<= limit + 0.7 µs at pace 1", over / pace <= 0.7),
    };
    let verdict = if reached { "reached" } else { "MISSED" };
    println!(
        "  -> {ratio:.2} x {}, limit + {over:.2} µs (+ {:.2} µs at pace 1, now {pace:.2}); goal {goal}: {verdict}\n",
        best.name,
        over / pace
    );
}

pub fn print_foot() {
    println!("limit: the bare primitive of aws-lc-rs with a prepared key over the same bytes");
    println!("jeton in: the same verification with claims that borrow from a reused buffer");
    println!("pace: how long the yardstick, HMAC-SHA-256 over 400 bytes, takes beside the usual 0.36 µs");
}
