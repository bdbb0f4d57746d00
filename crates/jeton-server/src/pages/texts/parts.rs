//! The parts of the pages, and the texts of each.

use serde::Deserialize;

use super::{Counted, Text, console::Console, inspect::Inspect};

texts! {
    Texts {
        common: Common,
        times: Times,
        front: Front,
        sign_in: SignIn,
        sign_up: SignUp,
        sign_out: SignOut,
        reset: Reset,
        setup: Setup,
        welcome: Welcome,
        account: Account,
        sessions: Sessions,
        password: PasswordPage,
        ended: Ended,
        wrong: Wrong,
        failure: Failures,
        renewal: Renewal,
        confirm: Confirm,
        console: Console,
        inspect: Inspect,
    }

    Common {
        skip: Text,
        language: Text,
        console: Text,
        inspect: Text,
        inspector: Text,
        api: Text,
        sign_in: Text,
        sign_up: Text,
        sign_out: Text,
        areas: Text,
        token_caption: Text,
    }

    Times {
        now: Text,
        minutes_ago: Counted,
        hours_ago: Counted,
        in_seconds: Counted,
        in_minutes: Counted,
        in_hours: Counted,
        date: Text,
        months: Vec<Text>,
    }

    Front {
        heading: Text,
        intro: Text,
        operator: Text,
        operator_setup: Text,
        operator_docs: Text,
        operator_inspect: Text,
    }

    SignIn {
        heading: Text,
        to: Text,
        name: Text,
        password: Text,
        forgot: Text,
        submit: Text,
        new_here: Text,
        make_account: Text,
        wrong: Text,
        as_other: Text,
        no_cookies_heading: Text,
        no_cookies: Text,
        over_heading: Text,
    }

    SignUp {
        heading: Text,
        to: Text,
        name: Text,
        name_hint: Text,
        email: Text,
        email_hint: Text,
        password: Text,
        password_hint: Text,
        submit: Text,
        known: Text,
        closed_heading: Text,
        closed: Text,
    }

    SignOut {
        heading: Text,
        intro: Text,
        submit: Text,
        everywhere: Text,
        everywhere_reach: Counted,
        done_heading: Text,
        done: Text,
        again: Text,
    }

    Reset {
        heading: Text,
        intro: Text,
        code: Text,
        code_hint: Text,
        go_on: Text,
        remembered: Text,
        wrong: Text,
        choose: Text,
        choose_intro: Text,
        set: Text,
        reach: Text,
        done: Text,
        begin_again: Text,
        used: Failure,
        expired: Failure,
        unknown: Failure,
        code_over: Failure,
    }

    Setup {
        heading: Text,
        intro: Text,
        secret: Text,
        secret_hint: Text,
        submit: Text,
        wrong_link: Text,
        over: Text,
        over_next: Text,
    }

    Welcome {
        heading: Text,
        intro: Text,
        inspect: Text,
        copy: Text,
        no_token: Text,
        next: Text,
        console: Text,
        account: Text,
    }

    Account {
        profile: Text,
        security: Text,
        sessions: Text,
        heading: Text,
        intro: Text,
        name: Text,
        email: Text,
        no_email: Text,
        roles: Text,
        no_roles: Text,
        since: Text,
        id: Text,
    }

    Sessions {
        heading: Text,
        intro: Text,
        this_device: Text,
        since: Text,
        active_now: Text,
        last_seen: Text,
        end: Text,
        end_label: Text,
        end_others: Text,
        others_reach: Counted,
        alone: Text,
        ended_one: Text,
        ended_others: Text,
        opened_by_admin: Text,
    }

    PasswordPage {
        heading: Text,
        intro: Text,
        current: Text,
        new: Text,
        submit: Text,
        reach: Counted,
        done: Text,
        wrong_current: Text,
        same: Text,
    }

    Ended {
        logout: Text,
        by_owner: Text,
        replaced: Text,
        too_many: Text,
        reuse: Text,
        ahead_of_row: Text,
        password_changed: Text,
        key_compromised: Text,
        password_reset: Text,
        admin: Text,
        disabled: Text,
        deleted: Text,
        restored: Text,
        on_behalf_over: Text,
        expired: Text,
        unknown: Text,
        owner_logout: Text,
        owner_elsewhere: Text,
        owner_changed_password: Text,
        owner_on_behalf_over: Text,
    }

    Wrong {
        required: Text,
        name_taken: Text,
        name_too_long: Text,
        name_character: Text,
        name_mixed: Text,
        email: Text,
        password_short: Text,
        password_long: Text,
        password_common: Text,
        password_control: Text,
        password_blank: Text,
        password_name: Text,
        password_email: Text,
        password_service: Text,
        wait: Counted,
        locked: Text,
        role: Text,
        roles_too_many: Text,
        claims_no_object: Text,
        claims_reserved: Text,
        claims_twice: Text,
        claims_parser: Text,
        claims_large: Text,
        claims_deep: Text,
    }

    Failures {
        not_found: Failure,
        too_large: Failure,
        other_form: Failure,
        other_site: Failure,
        too_many: Failure,
        not_allowed: Failure,
        away: Failure,
        broken: Failure,
        unreadable: Failure,
        back: Text,
        request: Text,
    }

    Failure {
        heading: Text,
        next: Text,
    }

    Renewal {
        heading: Text,
        soon: Text,
        stay: Text,
        sign_out: Text,
        last_heading: Text,
        last: Text,
        again: Text,
        over_heading: Text,
        over: Text,
        elsewhere: Text,
        other: Text,
        password: Text,
        wrong: Text,
        offline: Text,
        renewed: Text,
    }

    Confirm {
        heading: Text,
        intro: Text,
        submit: Text,
    }
}
