use crate::process::Home;

#[test]
fn what_no_machine_can_do_is_said_after_it_was_measured() {
    let said = Home::new().run(["calibrate", "--target", "1ms"]);
    assert!(
        !said.succeeded && said.err.contains("allow more with --target"),
        "{said:?}"
    );
    let memory: Vec<&str> = said
        .out
        .lines()
        .filter_map(|line| line.split_ascii_whitespace().next())
        .collect();
    assert!(
        memory.ends_with(&["19456", "32768", "47104", "65536", "98304", "131072"]),
        "{said:?}"
    );
}
