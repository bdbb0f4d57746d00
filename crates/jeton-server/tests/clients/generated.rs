//! Clients that generators make from the OpenAPI document: they compile, and hold every operation.

use std::fmt::Write;

use crate::{installed::Workplace, packages::succeed, service::Service};

#[test]
fn openapi_spec_validator_finds_nothing_wrong() {
    let place = Workplace::python();
    place.write("openapi.json", &Service::start().document().to_string());
    succeed(place.program("openapi-spec-validator").arg("openapi.json"));
}

#[test]
fn openapi_python_client_makes_one_that_holds_every_operation() {
    let (place, service) = (Workplace::python(), Service::start());
    place.write("openapi.json", &service.document().to_string());
    let mut generator = place.program("openapi-python-client");
    generator.args(["generate", "--path", "openapi.json", "--meta", "none"]);
    generator.args(["--output-path", "made", "--fail-on-warning"]);
    succeed(&mut generator);
    succeed(place.program("python").args(["-m", "compileall", "-q", "made"]));
    let script = include_str!("generated_python.py");
    place.run("python", "generated_python.py", script, service.variables());
}

#[test]
fn openapi_typescript_makes_one_that_holds_every_operation() {
    let (place, service) = (Workplace::node(), Service::start());
    let document = service.document();
    place.write("openapi.json", &document.to_string());
    let mut generator = place.program("openapi-typescript");
    succeed(generator.args(["openapi.json", "--output", "made.d.ts"]));

    // The compiler refuses a name that is missing here, and one that is missing there.
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let mut names = String::from(
        "import type { Operations } from './generated_typescript.js'\n\
         export const names: Record<Operations, true> = {\n",
    );
    for operation in operations {
        writeln!(names, "  {}: true,", operation["operationId"].as_str().unwrap()).unwrap();
    }
    names.push_str("}\n");
    place.write("names.ts", &names);
    place.write("generated_typescript.ts", include_str!("generated_typescript.ts"));
    place.write("tsconfig.json", include_str!("tsconfig.json"));
    succeed(&mut place.program("tsc"));
    let script = place
        .program("node")
        .arg("generated_typescript.js")
        .envs(service.variables())
        .output();
    let script = script.unwrap();
    assert!(
        script.status.success(),
        "{}",
        String::from_utf8_lossy(&script.stderr)
    );
}
