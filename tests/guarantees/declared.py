"""The guarantees that apply so far: each sentence, the mechanisms that give it, and the tests that prove them."""

from typing import NamedTuple

STORE, KAFKA, TWIN = "tests/crash/test_store.py", "tests/crash/test_relay.py", "tests/crash/test_twin.py"
ACCEPT, KILL, RACE = "tests/crash/test_accept.py", "tests/crash/test_kill.py", "tests/crash/test_race.py"
ALONE = "tests/integration/test_judging_alone.py"
LEDGERS, VERDICT = "tests/contract/test_ledgers.py", "tests/unit/test_verdict.py"
RUNTIME, REPAIR = "tests/integration/test_runtime.py", "tests/integration/test_repair.py"
PATH, HTTP = "tests/integration/test_kafka_path.py", "tests/integration/test_http.py"
DECISIONS, AGREED = "tests/integration/test_accept.py", "tests/integration/test_access.py"
WEBHOOKS, DELIVERIES = "tests/integration/test_webhooks.py", "tests/unit/test_deliveries_rules.py"
HOSTILE, DELAYS = "tests/integration/test_hostile.py", "tests/integration/test_webhook_delays.py"
STOPPING, DASHBOARD = "tests/integration/test_stopping.py", "tests/integration/test_web_access.py"
PORTFOLIO, PORTFOLIO_API = "tests/integration/test_portfolio.py", "tests/integration/test_portfolio_api.py"
CASES, AUTOMATION = "tests/integration/test_cases.py", "tests/integration/test_automation.py"
PSEUDONYMS = "tests/unit/test_cases_pseudonyms.py"
KEYS, MASKING = "tests/unit/test_masking_of_keys.py", "tests/unit/test_masking.py"
REGISTERS, INSPECTED = "tests/unit/test_register_faults.py", "tests/unit/test_ubl_inspect.py"
(ORDER, BACKUP, PARKING, REBUILD, REPLAY, ERASURE, REDACT, TOLD, SET, DIGEST, AUTHORITY, CPR) = (
    f"tests/integration/test_guarantee_{name}.py"
    for name in (
        "order",
        "backup",
        "parking",
        "rebuild",
        "replay",
        "erasure",
        "redact",
        "told",
        "set",
        "digest",
        "authority",
        "cpr",
    )
)


class Mechanism(NamedTuple):
    """What makes a sentence true: the tests that hold with it, and those that show what happens without it."""

    what: str
    proofs: tuple[str, ...]
    without: tuple[str, ...]


class Guarantee(NamedTuple):
    """A sentence that does not change silently, by its number."""

    number: int
    sentence: str
    mechanisms: tuple[Mechanism, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """Every test of the sentence, each once, in order."""
        named = (test for mechanism in self.mechanisms for test in (*mechanism.proofs, *mechanism.without))
        return tuple(dict.fromkeys(named))


def _in(file: str, *tests: str) -> tuple[str, ...]:
    return tuple(f"{file}::test_{test}" for test in tests)


NOT_LOST = Guarantee(
    1,
    "An event answered with 202 is never lost, wherever a process is killed after the answer.",
    (
        Mechanism(
            "The answer comes after the commit.",
            _in(ACCEPT, "what_was_answered_is_in_the_store"),
            _in(ACCEPT, "an_answer_before_the_commit_can_be_lost"),
        ),
        Mechanism(
            "Positions are handed out in commit order: one lock is the last thing before insert and commit.",
            _in(ORDER, "a_reader_misses_nothing_of_concurrent_writers", "no_writer_overtakes_another"),
            _in(ORDER, "without_the_append_lock_a_reader_misses_events"),
        ),
        Mechanism(
            "Readers go by positions, not by transaction ids, so no transaction elsewhere holds them up.",
            _in(ORDER, "a_transaction_elsewhere_delays_nothing"),
            _in(ORDER, "a_reader_bounded_by_transaction_ids_stands_still"),
        ),
        Mechanism(
            "Whoever waits too long for a lock of ours has its holder's session ended.",
            _in(ORDER, "a_frozen_process_does_not_stop_the_others"),
            _in(
                ORDER,
                "without_the_watchdog_a_frozen_process_stops_the_others",
                "no_time_limit_ends_a_client_frozen_inside_copy",
            ),
        ),
        Mechanism(
            "A backup is of one moment, and restored it goes on from there.",
            _in(BACKUP, "a_backup_under_load_is_of_one_moment")
            + _in(REPAIR, "restore_brings_everything_back_as_another_store"),
            _in(BACKUP, "a_backup_in_two_parts_is_of_no_moment"),
        ),
    ),
)
ONCE = Guarantee(
    2,
    "Every consumer applies every event exactly once in effect, in order per subject; re-sending, restart, rebalance "
    "and a frozen twin change nothing.",
    (
        Mechanism(
            "Accept remembers every id with the hash of its body, and what each state said last.",
            _in(
                VERDICT,
                "transactions_do_not_show",
                "requests_do_not_show_where_nothing_clashes",
                "sending_again_stores_nothing",
                "what_is_stored_is_told_once",
            ),
            _in(VERDICT, "without_the_memory_of_ids_everything_is_stored_again"),
        ),
        Mechanism(
            "A decision is taken while its subject stands where it was seen; of two made on the same, one.",
            _in(VERDICT, "of_two_decisions_on_the_same_the_second_is_refused")
            + _in(
                DECISIONS,
                "of_two_decisions_in_one_transaction_one_is_taken",
                "of_many_decisions_at_once_one_is_taken",
            )
            + _in(PORTFOLIO_API, "of_two_who_decide_at_once_one_is_told_who_was_first"),
            _in(VERDICT, "without_a_look_at_what_came_before_both_decisions_are_taken"),
        ),
        Mechanism(
            "The position commits with the rows, in one transaction.",
            _in(STORE, "a_killed_consumer_leaves_whole_batches") + _in(KILL, "kills_and_a_frozen_relay_change_nothing"),
            _in(STORE, "with_the_position_apart_a_batch_is_applied_twice"),
        ),
        Mechanism(
            "The position decides what is applied: what it has passed is left out, by whichever log it comes.",
            _in(LEDGERS, "no_delivery_changes_the_outcome", "both_logs_lead_to_the_same_state")
            + _in(RUNTIME, "every_event_is_applied_once")
            + _in(PATH, "both_ways_give_equal_digests")
            + _in(KAFKA, "what_was_sent_again_is_applied_once")
            + _in(TWIN, "a_twin_on_kafka_changes_nothing", "a_twin_on_the_event_store_changes_nothing"),
            _in(LEDGERS, "without_the_position_what_comes_again_is_applied_again")
            + _in(KAFKA, "without_the_position_check_it_is_applied_twice")
            + _in(
                TWIN,
                "without_the_position_check_a_twin_applies_twice",
                "without_the_position_check_a_twin_on_the_event_store_applies_twice",
            ),
        ),
        Mechanism(
            "Each record names the position before it in its partition; a gap is filled from the store, not passed.",
            _in(
                LEDGERS,
                "a_gap_is_not_passed",
                "a_gap_that_is_filled_in_time_is_forgotten",
                "what_kafka_has_lost_is_read_from_the_store",
            ),
            _in(LEDGERS, "without_the_chain_a_gap_is_passed"),
        ),
        Mechanism(
            "One relay is active: the mark moves only while its lease has its epoch.",
            _in(KAFKA, "a_thawed_relay_cannot_move_the_mark", "a_relay_frozen_in_its_transaction_holds_nobody_up"),
            _in(KAFKA, "without_the_epoch_the_mark_goes_back"),
        ),
    ),
)
PARKED = Guarantee(
    3,
    "An event that cannot be applied stops its own subject only: parked with reason and bytes, an alert raised, "
    "replayed in order.",
    (
        Mechanism(
            "A batch that fails is tried again in halves, down to the event at fault.",
            _in(RUNTIME, "a_failing_event_parks_its_subject_only"),
            _in(PARKING, "without_halves_one_event_stops_everything"),
        ),
        Mechanism(
            "Later events of a parked subject wait behind it.",
            _in(RUNTIME, "later_events_of_a_parked_subject_wait"),
            _in(PARKING, "without_holding_the_subject_later_events_overtake"),
        ),
        Mechanism(
            "Parking is an event of its own, in the same transaction, and the alert stands until it is replayed.",
            _in(PARKING, "what_is_parked_keeps_its_reason_and_bytes_and_raises_an_alert"),
            _in(PARKING, "without_a_fact_of_its_own_nobody_hears_of_it"),
        ),
        Mechanism(
            "A replay applies what is parked in the order of the store, or nothing of it.",
            _in(PARKING, "a_replay_keeps_the_order") + _in(REPAIR, "replay_applies_what_was_parked_in_order"),
            _in(PARKING, "a_replay_in_another_order_shows"),
        ),
        Mechanism(
            "A rebuild never passes the live version, which decides what is parked; a replay meanwhile begins it anew.",
            _in(REPAIR, "a_rebuild_honours_what_is_parked_and_discarded")
            + _in(
                REBUILD,
                "an_event_that_is_parked_while_a_rebuild_runs_stays_parked",
                "an_event_that_cannot_be_applied_does_not_stop_a_rebuild",
                "what_is_replayed_while_a_rebuild_runs_is_not_lost",
            ),
            _in(
                REBUILD,
                "a_rebuild_that_passes_the_live_version_does_not_know_what_it_parks",
                "a_replay_that_no_rebuild_hears_of_is_lost",
            ),
        ),
    ),
)
STOPPED = Guarantee(
    4,
    "When everything fails (a bad release: distinct subjects tried and failed), the consumer stops instead of parking "
    "the log.",
    (
        Mechanism(
            "Distinct subjects that fail in a row, with nothing applied between them, are counted and limited.",
            _in(RUNTIME, "when_everything_fails_the_consumer_stops", "failures_in_small_batches_stop_it_too")
            + _in(PARKING, "a_consumer_that_stopped_has_parked_nothing_and_goes_on_when_mended"),
            _in(PARKING, "without_the_limit_a_bad_release_parks_the_log"),
        ),
        Mechanism(
            "Before it stops, subjects spread over the rest of the batch are tried: one source is not everybody.",
            _in(
                STOPPING,
                "one_source_whose_events_all_fail_stops_nobody_else",
                "a_bad_release_is_not_tried_on_thousands",
            ),
            _in(STOPPING, "without_a_look_at_the_rest_one_source_stops_everybody"),
        ),
        Mechanism(
            "A stop is an event of its own for each authority whose events failed, and raises an alert, which is over "
            "when the consumer has passed that place.",
            _in(
                STOPPING,
                "a_stop_raises_an_alert_with_each_authority_and_once",
                "a_stop_is_over_when_the_consumer_has_passed_it",
            ),
            _in(STOPPING, "without_a_fact_of_its_own_nobody_hears_of_a_stop"),
        ),
    ),
)
A_SET = Guarantee(
    5,
    "State depends on the set of events, not on the order in which different subjects' events arrived; a rebuild gives "
    "equal digests.",
    (
        Mechanism(
            "Every row follows from events of one subject, in their order.",
            _in(SET, "the_order_of_arrival_does_not_show")
            + _in(PORTFOLIO, "the_order_of_arrival_does_not_show")
            + _in(CASES, "state_does_not_depend_on_the_order_of_arrival"),
            _in(SET, "the_order_shows_where_subjects_share_a_row"),
        ),
        Mechanism(
            "Which rules are in force at an event is asked of the store, by position, whatever topic is read first.",
            _in(AUTOMATION, "a_rule_that_is_read_late_is_in_force_all_the_same", "a_replay_tells_nothing_anew"),
            _in(AUTOMATION, "rules_of_the_own_table_would_miss_one_that_is_read_late"),
        ),
        Mechanism(
            "A digest is made of every column but those on one list, each with its reason.",
            _in(DIGEST, "every_column_counts") + _in(RUNTIME, "equal_events_give_equal_digests"),
            _in(DIGEST, "a_column_that_is_left_out_is_not_seen"),
        ),
        Mechanism(
            "A finding is told when everything that the store held when it was made has been applied.",
            _in(
                TOLD,
                "a_document_that_overtakes_its_contract_raises_no_alert",
                "what_is_told_does_not_hang_on_the_order",
            ),
            _in(TOLD, "without_waiting_it_would_raise_one", "without_waiting_it_hangs_on_the_order"),
        ),
        Mechanism(
            "What a late fact touches is judged anew, and an alert that no longer holds is closed.",
            _in(TOLD, "a_late_fact_closes_the_alert"),
            _in(TOLD, "a_late_fact_closes_nothing_when_it_is_not_judged"),
        ),
        Mechanism(
            "Who judges across subjects works alone on an authority.",
            _in(RACE, "at_the_same_instant_the_alerts_are_right")
            + _in(ALONE, "whoever_judges_holds_the_authority_until_the_commit"),
            _in(RACE, "without_working_alone_on_an_authority_they_are_wrong"),
        ),
        Mechanism(
            "A rebuild keeps each page with its position, takes the live version's place, and tells only differences.",
            _in(REPAIR, "a_rebuild_gives_equal_digests", "a_killed_rebuild_goes_on")
            + _in(PORTFOLIO, "a_rebuild_gives_the_same")
            + _in(
                REBUILD,
                "a_rebuild_under_load_killed_twice",
                "a_killed_rebuild_goes_on_after_its_tables_were_finished",
                "a_rebuild_tells_nothing_again",
                "old_code_does_not_write_into_new_tables",
            ),
            _in(REBUILD, "what_was_told_is_not_forgotten"),
        ),
        Mechanism(
            "What follows from an event is told once, when it comes: a replay of the whole log starts no workflow and "
            "reaches no subscriber.",
            _in(REPLAY, "a_replay_of_the_whole_log_is_not_heard_outside"),
            _in(REPLAY, "a_replay_that_tells_what_follows_is_heard_outside"),
        ),
        Mechanism(
            "What the law has emptied is passed over, whichever topic tells of it first.",
            _in(
                ERASURE,
                "an_erasure_that_overtakes_the_event",
                "a_subject_that_is_parked_is_erased_and_goes_on",
                "what_is_parked_after_it_was_erased_holds_nobody",
                "the_erasure_of_a_shared_fact_concerns_everybody",
                "an_event_that_is_just_being_stored_is_erased_too",
            )
            + _in(REPAIR, "redact_empties_store_and_projections"),
            _in(ERASURE, "without_a_look_at_the_store_the_event_comes_back"),
        ),
        Mechanism(
            "Every consumer obeys a redaction, also one that knows nothing of it: no table, dump, listing or rebuild "
            "says what was emptied.",
            _in(REDACT, "who_is_redacted_is_in_no_table", "who_is_redacted_is_in_no_dump_listing_or_rebuild"),
            _in(REDACT, "without_obedience_who_is_redacted_stays_in_tables_and_listings"),
        ),
        Mechanism(
            "With a subject goes what was made of it, also alerts about others that cite it; what still stands is told "
            "anew.",
            _in(
                REDACT,
                "an_alert_that_cites_a_subject_goes_with_it",
                "an_alert_whose_finding_still_stands_is_told_anew",
            ),
            _in(REDACT, "without_what_was_made_of_it_alerts_go_on_saying_it"),
        ),
        Mechanism(
            "Of what the law emptied no hash is left to guess it by; its id stays used, so that it is not taken again.",
            _in(
                ERASURE,
                "no_hash_of_what_was_said_is_left",
                "what_was_erased_is_a_duplicate_and_not_stored_again",
            ),
            _in(ERASURE, "without_forgetting_the_content_can_be_guessed"),
        ),
    ),
)
SEPARATE = Guarantee(
    6,
    "Nothing reaches a receiver without an active agreement; nobody reads another authority's rows.",
    (
        Mechanism(
            "Row-level security shows the web role the authorities named in its transaction; no role is above it.",
            _in(
                AUTHORITY,
                "without_the_setting_the_web_sees_nothing",
                "a_setting_that_names_nobody_shows_nothing_of_anybody",
                "with_the_setting_the_web_sees_its_own_and_what_is_shared",
                "the_setting_ends_with_its_transaction",
                "the_web_writes_nowhere",
                "the_web_reads_no_keys",
                "no_role_is_above_the_policies",
            )
            + _in(PORTFOLIO, "nobody_sees_another_authoritys_projects")
            + _in(DASHBOARD, "a_person_sees_their_own_authorities_only")
            + _in(HOSTILE, "a_neighbours_ids_show_nothing_on_a_page"),
            _in(
                AUTHORITY,
                "without_row_security_the_web_sees_everything",
                "without_its_condition_a_policy_shows_everything",
            ),
        ),
        Mechanism(
            "What a key may read follows from its active agreements, looked up at every call.",
            _in(AUTHORITY, "a_key_reads_by_active_agreements_only", "a_key_that_is_not_known_reads_nothing")
            + _in(HOSTILE, "no_route_answers_without_a_key", "no_route_answers_a_neighbour")
            + _in(AGREED, "nobody_approves_what_he_asked_for"),
            _in(AUTHORITY, "without_a_look_at_the_agreements_a_key_reads_what_it_names"),
        ),
        Mechanism(
            "What is for everybody is the operator's: a registrar shares in no other name.",
            _in(HTTP, "what_is_shared_is_the_operators"),
            _in(HTTP, "without_the_operators_name_a_registrar_shares_as_anybody"),
        ),
        Mechanism(
            "The name of a source is one system's: nobody writes as a neighbour.",
            _in(HTTP, "nobody_writes_under_a_neighbours_name"),
            _in(HTTP, "without_owners_a_neighbour_writes_in_anothers_name"),
        ),
        Mechanism(
            "Accept takes what an active agreement covers: authority and event type.",
            _in(AUTHORITY, "a_key_sends_by_active_agreements_only", "a_key_does_not_send_beyond_its_agreement")
            + _in(
                HTTP,
                "a_neighbours_key_gets_nothing",
                "another_type_than_agreed_is_refused",
                "an_ended_agreement_is_refused",
            ),
            _in(AUTHORITY, "without_the_agreement_check_a_neighbour_writes"),
        ),
        Mechanism(
            "A subscription stands within an active agreement, which is looked up at every delivery.",
            _in(
                WEBHOOKS,
                "without_an_agreement_nothing_is_subscribed_to",
                "an_agreement_that_ends_stops_deliveries_at_once",
            ),
            _in(WEBHOOKS, "a_look_at_the_agreement_once_would_deliver_after_its_end"),
        ),
    ),
)
DELIVERED = Guarantee(
    7,
    "A webhook is delivered at least once, signed, with a lasting id; a dead subscriber delays nobody.",
    (
        Mechanism(
            "A delivery is noted when the receiver has answered, and tried again by a schedule until then; its id is "
            "made of the event's.",
            _in(
                WEBHOOKS,
                "what_was_sent_and_not_noted_is_sent_again_with_the_same_id",
                "a_receiver_that_was_away_for_an_hour_gets_everything_in_order",
                "two_processes_do_not_send_the_same",
            ),
            _in(WEBHOOKS, "what_is_noted_before_it_is_sent_can_be_lost"),
        ),
        Mechanism(
            "Every body is signed as Standard Webhooks 1.0 says, with a secret of the subscription's own.",
            _in(WEBHOOKS, "a_webhook_is_signed_and_says_the_event")
            + _in(DELIVERIES, "a_signature_is_right_for_its_body_and_secret_only"),
            _in(DELIVERIES, "one_secret_for_all_would_let_one_receiver_sign_to_another"),
        ),
        Mechanism(
            "Every subscription is served by a task of its own, and nothing that a receiver uses up is shared.",
            _in(DELAYS, "a_dead_receiver_does_not_delay_another", "names_that_hang_delay_nobody_else"),
            _in(DELAYS, "one_task_for_all_waits_for_the_dead", "one_pool_for_all_names_waits_for_those_that_hang"),
        ),
    ),
)
NO_CPR = Guarantee(
    8,
    "CPR numbers are never in keys, ids, logs, metrics, URLs, file names, alert texts or listings (masked by field in "
    "data, by pattern in free text only, so that ten-digit order numbers survive; for the same reason a key is refused "
    "for the form `ddmmyy-xxxx`, and ten plain digits in a key, or what a source sends as the number of an order, an "
    "account or an item, stand as they were sent).",
    (
        Mechanism(
            "Every field that people write text into masks it when it is read; so do numbers of parties and persons.",
            _in(CPR, "a_thousand_cpr_numbers_are_nowhere", "what_takes_a_cpr_number_as_it_is_is_an_identifier")
            + _in(
                MASKING,
                "a_cpr_number_is_masked_however_it_is_divided",
                "what_people_write_is_masked_where_it_is_glued_to_other_text",
                "a_persons_id_is_no_cpr_number",
                "ten_digits_where_a_danish_number_has_eight_are_a_person",
            )
            + _in(REGISTERS, "a_cpr_number_is_no_persons_id"),
            _in(CPR, "without_masking_they_are_everywhere"),
        ),
        Mechanism(
            "The number of a case's party becomes a keyed pseudonym before the event exists, or is refused.",
            _in(
                PSEUDONYMS,
                "one_person_has_one_pseudonym_however_the_number_is_written",
                "what_cannot_be_made_a_pseudonym_is_refused",
            ),
            _in(PSEUDONYMS, "without_pseudonyms_the_number_is_stored"),
        ),
        Mechanism(
            "Order, account and item numbers are fields of their own, which no pattern touches.",
            _in(CPR, "ten_digit_numbers_survive"),
            _in(CPR, "masking_by_pattern_everywhere_would_break_order_numbers"),
        ),
        Mechanism(
            "Keys that hold one are refused, and every message is masked when it is made.",
            _in(CPR, "what_is_refused_is_said_without_it", "a_clash_is_told_without_bodies")
            + _in(HTTP, "errors_never_repeat_a_cpr_number")
            + _in(MASKING, "a_refused_value_shows_no_ten_digits_that_are_a_date")
            + _in(REGISTERS, "a_cpr_number_is_masked_where_it_is_glued_to_a_value")
            + _in(INSPECTED, "a_persons_number_is_masked_where_another_is_meant")
            + _in(KEYS, "a_written_cpr_number_in_a_key_is_seen", "no_uuid_reads_as_a_cpr_number"),
            _in(CPR, "a_message_that_is_not_masked_repeats_it"),
        ),
        Mechanism(
            "Where no order number can stand, in the name of a source and in the subject of a person's role, ten plain "
            "digits that begin with a date are refused; in other keys and identifiers they are left.",
            _in(KEYS, "ten_digits_that_begin_with_a_date_are_seen_in_a_name")
            + _in(
                CPR,
                "what_is_refused_is_said_without_it",
                "ten_plain_digits_in_other_keys_and_identifiers_stand_as_they_were_sent",
            ),
            _in(CPR, "a_source_that_is_not_judged_is_listed_with_it"),
        ),
        Mechanism(
            "Reasons and log lines are masked as they are written; database errors show no parameters.",
            _in(
                CPR,
                "what_a_rule_says_of_a_person_is_masked_where_it_is_parked_and_logged",
                "the_log_of_libraries_is_masked",
                "a_failing_statement_leaves_no_data_behind",
            ),
            _in(CPR, "a_log_that_is_not_masked_repeats_it"),
        ),
    ),
)
GUARANTEES = (NOT_LOST, ONCE, PARKED, STOPPED, A_SET, SEPARATE, DELIVERED, NO_CPR)
