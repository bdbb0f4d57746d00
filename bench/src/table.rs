use crate::measure::Result;

pub fn print_head(rounds: usize) {
    println!("median of {rounds} interleaved batches of 3 ms, pinned; ± is half the interquartile range\n");
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
    let (Some(limit), Some(jeton)) = (find("limit"), find("jeton")) else {
        return;
    };
    let peers = results
        .iter()
        .filter(|result| !result.name.starts_with("jeton") && result.name != "limit");
    let Some(best) = peers.min_by(|one, other| one.median.total_cmp(&other.median)) else {
        return;
    };
    let ratio = jeton.median / best.median;
    let over = (jeton.median - limit.median) / 1e3;
    let (goal, reached) = match name {
        "HS256 sign" => ("<= 0.70 x peer", ratio <= 0.70),
        "HS256 verify" => ("<= 0.50 x peer", ratio <= 0.50),
        _ => ("<= limit + 0.7 µs", over <= 0.7),
    };
    let verdict = if reached { "reached" } else { "MISSED" };
    println!(
        "  -> {ratio:.2} x {}, limit + {over:.2} µs; goal {goal}: {verdict}\n",
        best.name
    );
}

pub fn print_foot() {
    println!("limit: the bare primitive of aws-lc-rs with a prepared key over the same bytes");
    println!("jeton in: the same verification with claims that borrow from a reused buffer");
}
