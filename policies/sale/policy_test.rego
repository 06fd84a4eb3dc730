package governance.sale_test

import data.governance.sale

clean := {
	"uncovered": [],
	"low_certainty": [],
	"oldest_research_days": 12,
	"doubts": [],
	"prohibit": [],
	"review": [],
	"undetermined": [],
	"require": [],
}

everything_against := object.union(clean, {
	"uncovered": ["toys"],
	"low_certainty": ["toys"],
	"oldest_research_days": 731,
	"doubts": ["hs_contradicts_category"],
	"prohibit": ["fr.toys.banned"],
	"review": ["fr.toys.look"],
	"undetermined": ["fr.toys.age"],
	"require": ["fr.licence"],
})

permission := {
	"type": "fr.licence",
	"valid_from": "2026-01-01",
	"valid_to": null,
	"reference": "A-1",
}

document(cases, evidence) := {"as_of": "2026-11-22", "evidence": evidence, "cases": cases}

judged(cases, evidence) := answer if {
	answer := sale.judgement with input as document(cases, evidence)
}

verdict_with(difference) := judged([object.union(clean, difference)], []).verdicts[0]

test_nothing_against_is_allowed if verdict_with({}) == "allowed"

test_prohibition_is_the_gravest if judged([everything_against], []).verdicts == ["prohibited"]

test_uncovered_comes_before_review if {
	case := object.union(everything_against, {"prohibit": []})
	judged([case], []).verdicts == ["unknown"]
}

test_review_comes_before_missing_facts if {
	case := object.union(everything_against, {"prohibit": [], "uncovered": []})
	judged([case], []).verdicts == ["needs_review"]
}

test_missing_facts_come_before_missing_evidence if {
	verdict_with({"undetermined": ["r"], "require": ["e"]}) == "needs_facts"
}

test_fired_review_needs_review if verdict_with({"review": ["r"]}) == "needs_review"

test_low_certainty_needs_review if verdict_with({"low_certainty": ["toys"]}) == "needs_review"

test_doubt_needs_review if verdict_with({"doubts": ["d"]}) == "needs_review"

test_research_of_two_years_is_believed if {
	verdict_with({"oldest_research_days": 730}) == "allowed"
}

test_older_research_needs_review if {
	verdict_with({"oldest_research_days": 731}) == "needs_review"
}

test_research_after_the_date_asked_for_is_believed if {
	verdict_with({"oldest_research_days": -30}) == "allowed"
}

test_required_evidence_that_is_missing_is_needed if {
	verdict_with({"require": ["fr.licence"]}) == "needs_evidence"
}

test_one_of_two_pieces_of_evidence_is_not_enough if {
	case := object.union(clean, {"require": ["fr.licence", "fr.other"]})
	judged([case], [permission]).verdicts == ["needs_evidence"]
}

test_required_evidence_that_is_held_allows if {
	case := object.union(clean, {"require": ["fr.licence"]})
	judgement := judged([case], [permission])
	judgement.verdicts == ["allowed"]
	judgement.held == {"fr.licence"}
}

test_verdicts_stand_in_the_order_of_the_cases if {
	banned := object.union(clean, {"prohibit": ["r"]})
	judged([clean, banned, clean], []).verdicts == ["allowed", "prohibited", "allowed"]
}

test_a_case_is_judged_alike_alone_and_beside_others if {
	cases := [
		clean,
		everything_against,
		object.union(clean, {"require": ["fr.licence"]}),
		object.union(clean, {"require": ["fr.other"]}),
	]
	judged(cases, [permission]).verdicts == [verdict |
		some case in cases
		evidence := [held | some held in [permission]; held.type in case.require]
		verdict := judged([case], evidence).verdicts[0]
	]
}

test_no_cases_give_no_verdicts if {
	judged([], []) == {"verdicts": [], "held": set(), "oldest_research_allowed": 730}
}

holds(difference) if {
	evidence := object.union(permission, difference)
	judged([], [evidence]).held == {"fr.licence"}
}

test_evidence_holds_on_its_first_and_last_day if {
	holds({"valid_from": "2026-11-22"})
	holds({"valid_to": "2026-11-22"})
}

test_evidence_does_not_hold_before_or_after if {
	not holds({"valid_from": "2026-11-23"})
	not holds({"valid_to": "2026-11-21"})
}

test_evidence_with_a_wrong_date_does_not_hold if {
	every wrong in [null, "", "soon", 0, true, [], {}, "2026-1-1"] {
		not holds({"valid_from": wrong})
	}
	every wrong in ["", "soon", 0, true, [], {}] {
		not holds({"valid_to": wrong})
	}
}

test_evidence_that_lacks_a_field_does_not_hold if {
	every field in ["type", "valid_from", "valid_to"] {
		judged([], [object.remove(permission, [field])]).held == set()
	}
}

test_evidence_type_is_a_word if judged([], [object.union(permission, {"type": 1})]).held == set()

test_unreadable_input_is_not_judged if {
	every field in ["as_of", "evidence", "cases"] {
		whole := document([clean], [])
		not sale.judgement with input as object.remove(whole, [field])
		every wrong in [null, 1, "soon", {}, true] {
			not sale.judgement with input as object.union(whole, {field: wrong})
		}
	}
}

test_case_that_lacks_a_field_is_left_out if {
	every field in object.keys(clean) {
		judged([clean, object.remove(clean, [field])], []).verdicts == ["allowed"]
		judged([object.remove(everything_against, [field])], []).verdicts == []
	}
}

wrong_values := {
	"uncovered": [null, 1, true, "toys", {}],
	"low_certainty": [null, 1, true, "toys", {}],
	"oldest_research_days": [null, true, false, "12", [], {}],
	"doubts": [null, 1, true, "d", {}],
	"prohibit": [null, 1, true, "r", {}],
	"review": [null, 1, true, "r", {}],
	"undetermined": [null, 1, true, "r", {}],
	"require": [null, 1, true, "e", {}, {"x": "fr.licence"}, [null], [1], [[]]],
}

test_wrong_type_is_never_allowed if {
	every field, wrongs in wrong_values {
		every wrong in wrongs {
			verdict_with({field: wrong}) != "allowed"
		}
	}
}

test_every_field_is_tried_with_wrong_types if object.keys(wrong_values) == object.keys(clean)

test_case_that_is_no_object_is_left_out if {
	every wrong in [null, 1, "x", [], true] {
		judged([wrong], []).verdicts == []
	}
}
