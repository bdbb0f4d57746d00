//! The parts of the API as a page.

use super::Text;

texts! {
    Docs {
        heading: Text,
        intro: Text,
        document: Text,
        contents: Text,
        asking: Text,
        as_session: Text,
        as_token: Text,
        as_nobody: Text,
        token: Text,
        make: Text,
        make_reach: Text,
        made: Text,
        sign_in: Text,
        deprecated: Text,
        grave: Text,
        link: Text,
        parameters: Text,
        required: Text,
        optional: Text,
        body: Text,
        answers: Text,
        try_it: Text,
        send: Text,
        leave: Text,
        sure: Text,
        sure_reach: Text,
        offline: Text,
        everywhere: Text,
        everywhere_intro: Text,
        codes: Text,
        codes_intro: Text,
        by_access: Text,
        by_refresh: Text,
        by_cookie: Text,
        by_client: Text,
        by_nobody: Text,
    }
}
