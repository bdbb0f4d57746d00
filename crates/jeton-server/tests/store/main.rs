//! What every engine must do, mounted once for each.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod contract;
mod nodes;
#[path = "../support/postgres.rs"]
mod postgres_server;
mod prelude;
#[path = "../support/proxy.rs"]
#[expect(dead_code, reason = "the cluster's tests need more of it")]
mod proxy;
mod refusals;
mod search;
mod transfer;

/// Mounts the contract on every engine: one test for each clause.
macro_rules! mount {
    ($($clause:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $clause() {
                    crate::contract::$clause(crate::prelude::Database::sqlite().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test]
                async fn $clause() {
                    crate::contract::$clause(crate::prelude::Database::postgres().await).await;
                }
            )+
        }
    };
}

mount! {
    a_name_is_given_once_whatever_its_spelling,
    an_account_reads_back_as_it_was_written,
    who_is_not_there_is_none,
    an_address_and_a_language_are_changed_by_their_owner,
    a_new_name_calls_tokens_with_the_old_one_back,
    a_name_of_somebody_else_is_not_taken,
    of_many_who_take_a_name_at_once_one_has_it,
    nobody_who_is_disabled_or_gone_changes_anything,
    users_delete_themselves_and_the_last_administrator_stays,
    a_user_sees_sessions_that_ended_lately,
    users_are_found_by_the_beginning_of_name_and_address,
    a_ceremony_reads_back_and_is_finished_once,
    fifty_who_finish_a_ceremony_at_once_are_one,
    a_ceremony_that_is_over_is_not_finished,
    ceremonies_are_cleared_away_a_day_after_their_end,
    ceremonies_go_with_their_user_and_with_what_was_restored,
    a_new_password_finishes_its_ceremony_in_the_same_transaction,
    a_code_opens_its_grant_once,
    of_fifty_who_redeem_a_code_at_once_one_does,
    a_code_opens_nothing_where_somebody_may_no_longer,
    a_grant_rotates_as_a_session_for_its_client_alone,
    a_grant_ends_with_its_session_unless_it_outlives_it_and_both_are_told,
    with_the_others_their_grants_end_and_with_a_password_all_but_ones_own,
    what_was_allowed_is_kept_for_each_scope_and_taken_back_with_its_grants,
    the_oldest_grant_beyond_the_number_ends,
    a_proof_is_used_once,
    a_message_is_taken_by_one_node_and_kept_until_it_is_sent,
    the_first_administrator_is_made_once,
    a_link_takes_the_place_of_those_before,
    of_fifty_who_set_up_at_once_one_does,
    a_link_is_worth_nothing_once_there_was_an_administrator,
    a_name_that_is_taken_leaves_the_link_good,
    a_session_knows_when_its_user_last_proved_who_they_are,
    only_the_user_of_a_live_session_proves_it_again,
    a_session_of_the_version_before_was_proved_at_its_beginning,
    a_session_opens_only_for_the_account_that_was_checked,
    the_current_token_moves_its_session_on,
    the_token_before_gives_the_identical_successor_within_the_grace_time,
    a_superseded_token_ends_its_session_and_no_other,
    a_token_newer_than_the_row_ends_the_session,
    a_forged_proof_changes_nothing,
    a_revocation_outlives_every_token_whatever_the_lifetimes_were,
    replays_are_counted_in_the_row_recorded_once_and_limited,
    a_session_moves_on_only_so_often,
    an_expired_session_does_not_move_on,
    the_expiry_slides_up_to_the_absolute_end,
    a_session_opens_for_its_user_as_they_are_by_then,
    sessions_on_behalf_make_room_among_themselves,
    no_session_of_an_old_password_outlives_the_new_one,
    the_oldest_session_makes_room,
    ending_one_or_the_others_revokes_those_sessions,
    ending_all_raises_the_version,
    nobody_ends_somebody_elses_session,
    revocations_come_in_order_and_leave_when_their_time_is_over,
    two_that_race_move_the_session_on_once,
    the_first_key_is_made_once,
    a_key_reads_back_as_it_was_written,
    what_is_refused_changes_no_key,
    keys_are_erased_and_deleted,
    what_is_done_to_keys_is_recorded_with_it,
    of_two_that_rotate_at_once_the_second_is_told,
    live_sessions_are_found_by_their_key_in_pages,
    a_session_that_moves_on_takes_the_key_that_signs,
    what_was_written_is_there_after_reopening,
    what_was_handed_over_is_written_while_its_thread_is_busy,
    fifty_attempts_at_once_are_counted_one_by_one,
    failures_are_counted_by_account_and_known_device,
    a_success_forgives_the_failures_of_its_device_alone,
    a_strangers_success_takes_its_own_attempt_back,
    an_attempt_that_was_not_made_is_taken_back,
    a_lock_is_kept_until_somebody_unlocks_the_account,
    failures_that_no_longer_matter_are_cleared_away_and_locks_are_not,
    what_happens_is_recorded_with_its_cause,
    what_changes_nothing_is_not_recorded,
    personal_fields_stand_beside_their_event,
    an_account_from_elsewhere_is_written_once,
    an_account_from_elsewhere_is_known_again_by_its_id,
    an_import_can_be_tried,
    an_import_takes_nobodys_name_or_id,
    a_hash_is_made_anew_only_in_place_of_the_one_that_was_checked,
    schemes_are_counted,
    a_revocation_of_its_own_is_written_with_its_event,
    revocations_come_in_pages,
    the_last_number_drawn_outlives_its_row,
    a_client_reads_back_and_its_name_is_given_once,
    a_client_gets_tokens_while_it_is_what_was_proven,
    a_client_that_can_do_less_is_revoked,
    a_client_that_is_gone_is_revoked,
    a_clients_registration_is_kept_and_what_breaks_a_rule_is_not,
    a_client_that_becomes_public_has_no_secret_any_more,
    a_client_gets_a_name_that_no_other_has,
    a_message_is_taken_by_one_node_until_its_time_is_over,
    a_message_is_sent_tried_again_given_back_or_given_up,
    of_two_nodes_that_take_at_once_each_message_goes_to_one,
    an_entry_whose_commit_is_held_back_is_still_seen,
    what_ended_a_session_and_raised_a_version_is_found,
    a_trail_nobody_touched_verifies,
    a_batch_that_is_full_is_followed_by_another,
    whatever_was_changed_in_the_trail_shows,
    a_chain_of_another_key_does_not_verify,
    a_head_kept_elsewhere_shows_what_was_cut_off,
    erasing_a_persons_fields_keeps_the_chain,
    events_whose_time_is_over_go_and_their_last_seal_stays,
    two_that_seal_at_once_make_one_chain,
    a_seal_has_its_place_at_the_end_alone,
    events_are_found_by_what_they_are_about,
    a_chain_that_goes_back_raises_an_alarm_that_stays,
    an_event_that_vanishes_before_it_is_sealed_raises_an_alarm,
    nothing_is_answered_whose_event_is_left_out,
    a_seal_that_is_kept_out_raises_one_alarm,
    a_seal_of_somebody_without_the_key_raises_an_alarm,
    what_others_seal_raises_no_alarm,
    what_is_wrong_with_an_event_is_noticed_when_it_is_sealed,
    seals_whose_events_are_gone_are_folded_into_one,
    a_beginning_is_cut_off_by_nobody_else,
    no_events_are_given_up_by_what_a_row_says,
    no_trigger_has_a_chosen_event_given_up,
    what_comes_before_a_seal_that_was_changed_is_given_up_in_its_time,
    what_a_version_before_gave_up_is_accepted_at_the_beginning,
    who_gives_up_while_others_do_and_verify_raises_no_alarm,
    more_seals_than_are_read_at_once_are_given_up,
    an_export_without_what_was_given_up_is_checked_by_the_documented_script,
    events_from_before_proofs_are_said_to_be_and_no_others,
    proofs_do_not_begin_twice,
    a_changed_user_reads_back_changed,
    a_role_that_is_taken_away_calls_tokens_back_and_leaves_the_sessions,
    who_is_disabled_has_no_session_and_opens_none,
    somebody_can_always_administrate,
    who_is_deleted_leaves_nothing_but_their_id,
    who_is_deleted_leaves_nothing_in_what_they_did_to_others,
    nothing_personal_is_written_of_who_was_deleted_before,
    nothing_is_done_to_nobody,
    whatever_administrators_do_needs_one,
    who_acts_for_others_does_so_while_an_administrator,
    of_two_who_take_the_role_from_each_other_one_does,
    no_administrator_makes_a_code_for_another,
    users_are_listed_in_pages_and_as_asked,
    a_new_password_ends_every_session,
    a_new_password_opens_a_session_in_the_same_transaction,
    a_new_password_needs_the_account_that_was_checked,
    a_reset_code_sets_a_password_once_and_in_time,
    a_new_password_voids_the_reset_code,
    a_forced_reset_leaves_the_code_alone,
    a_disabled_user_sets_no_password,
    an_account_may_begin_with_a_code_instead_of_a_password,
    an_expired_session_does_not_end_again,
    a_row_that_cannot_be_read_is_the_trouble_of_its_own_request,
    a_time_is_kept_and_a_beginning_noted,
    a_database_that_takes_what_is_written_passes_the_trial,
}
