package governance.provider_test

import data.governance.provider

clean := {
	"uncovered": [],
	"doubts": [],
	"prohibit": [],
	"review": [],
	"undetermined": [],
	"licences": [],
	"proofs": [],
}

broker := {
	"type": "us.licence.customs_broker",
	"valid_from": "2026-01-01",
	"valid_to": "2026-12-31",
}

vetting := {
	"as_of": "2026-11-23",
	"standing": "active",
	"licences": [],
	"open_incidents": [],
	"reinstatement_requested": false,
	"delisting_requested": false,
	"cells": [clean],
}

cell(difference) := object.union(clean, difference)

judged(difference) := answer if {
	answer := provider.judgement with input as object.union(vetting, difference)
}

standing_after(standing, difference) := answer if {
	answer := judged(object.union(difference, {"standing": standing})).standing
}

verdict_with(difference) := judged({"cells": [cell(difference)]}).verdicts[0]

breached := {"cells": [clean, cell({"review": ["r"]})]}

grave := {"cells": [clean, cell({"prohibit": ["r"]})]}

unproven := {"cells": [clean, cell({"proofs": ["performance.on_time_delivery"]})]}

lacking := {"cells": [cell({"licences": ["us.licence.customs_broker"]})]}

# Each step with what leads to it.
walked := {
	"applicant": {"provisional": unproven, "delisted": {"delisting_requested": true}},
	"provisional": {
		"active": {},
		"suspended": grave,
		"delisted": {"delisting_requested": true},
	},
	"active": {
		"probation": breached,
		"suspended": grave,
		"delisted": {"delisting_requested": true},
	},
	"probation": {
		"active": {},
		"suspended": lacking,
		"delisted": {"delisting_requested": true},
	},
	"suspended": {
		"reinstated": {"reinstatement_requested": true},
		"delisted": {"delisting_requested": true},
	},
	"reinstated": {
		"active": {},
		"probation": breached,
		"suspended": grave,
		"delisted": {"delisting_requested": true},
	},
	"delisted": {},
}

test_every_step_is_walked if {
	every from, ends in walked {
		provider.steps[from] == object.keys(ends)
		every to, difference in ends {
			standing_after(from, difference) == to
		}
	}
	object.keys(walked) == object.keys(provider.steps)
}

test_no_other_step_is_ever_answered if {
	differences := [breached, grave, unproven, lacking, {}, {"cells": []}, {"open_incidents": ["grave"]}]
	wishes := [
		{},
		{"delisting_requested": true},
		{"reinstatement_requested": true},
		{"delisting_requested": true, "reinstatement_requested": true},
	]
	every from, ends in provider.steps {
		every difference in differences {
			every wish in wishes {
				standing_after(from, object.union(difference, wish)) in (ends | {from})
			}
		}
	}
}

test_nobody_becomes_active_without_proof_in_some_cell_or_with_anything_against_any if {
	against_all := {"doubts", "prohibit", "review", "undetermined", "licences"}
	every from in ["provisional", "probation", "reinstated"] {
		every against in against_all {
			difference := {"cells": [clean, cell({against: ["x"]})]}
			standing_after(from, difference) != "active"
		}
		every against in {"uncovered", "proofs"} {
			standing_after(from, {"cells": [cell({against: ["x"]})]}) == from
		}
		standing_after(from, {"cells": []}) == from
		standing_after(from, {"open_incidents": ["minor"]}) == from
	}
}

test_a_cell_that_is_unproven_or_that_no_rule_covers_holds_no_other_back if {
	every from in ["provisional", "probation", "reinstated"] {
		every lacking_there in ["uncovered", "proofs"] {
			answer := judged({"standing": from, "cells": [clean, cell({lacking_there: ["x"]})]})
			answer.standing == "active"
			answer.verdicts[1] != "allowed"
		}
	}
}

test_an_applicant_is_never_active if standing_after("applicant", {}) == "provisional"

test_an_applicant_with_a_fact_unknown_or_anything_against_it_stays if {
	every against in ["doubts", "prohibit", "review", "undetermined", "licences"] {
		standing_after("applicant", {"cells": [clean, cell({against: ["x"]})]}) == "applicant"
	}
	standing_after("applicant", {"cells": [cell({"uncovered": ["x"]})]}) == "applicant"
	standing_after("applicant", {"cells": []}) == "applicant"
	standing_after("applicant", {"open_incidents": ["minor"]}) == "applicant"
}

test_what_is_not_certain_takes_nothing_away if {
	every from in ["provisional", "active", "probation", "reinstated"] {
		every against in ["uncovered", "doubts", "undetermined", "proofs"] {
			standing_after(from, {"cells": [cell({against: ["x"]})]}) == from
		}
	}
}

test_expired_licence_suspends if {
	every day, standing in {"2026-12-31": "active", "2027-01-01": "suspended"} {
		difference := object.union(lacking, {"as_of": day, "licences": [broker]})
		standing_after("active", difference) == standing
	}
	"licence_lacking:us.licence.customs_broker" in judged(lacking).reasons
}

test_licence_holds_on_its_first_and_last_day if {
	every day in ["2026-01-01", "2026-12-31"] {
		judged({"as_of": day, "licences": [broker]}).held == {"us.licence.customs_broker"}
	}
	every day in ["2025-12-31", "2027-01-01"] {
		judged({"as_of": day, "licences": [broker]}).held == set()
	}
}

test_licence_without_end_holds_and_one_with_a_wrong_day_does_not if {
	endless := object.union(broker, {"valid_to": null})
	count(judged({"licences": [endless]}).held) == 1
	every wrong in ["", "soon", 0, true, [], {}] {
		judged({"licences": [object.union(broker, {"valid_to": wrong})]}).held == set()
		judged({"licences": [object.union(broker, {"valid_from": wrong})]}).held == set()
	}
	every field in object.keys(broker) {
		judged({"licences": [object.remove(broker, [field])]}).held == set()
	}
}

test_grave_incident_suspends_and_a_lesser_one_does_not if {
	standing_after("active", {"open_incidents": ["grave"]}) == "suspended"
	standing_after("active", {"open_incidents": ["major", "minor"]}) == "active"
}

test_nobody_is_reinstated_unasked_or_while_something_grave_or_unknown_is_there if {
	standing_after("suspended", {}) == "suspended"
	asked := {"reinstatement_requested": true}
	every against in ["prohibit", "undetermined", "licences"] {
		difference := {"cells": [clean, cell({against: ["x"]})]}
		standing_after("suspended", object.union(asked, difference)) == "suspended"
	}
	nowhere := {"cells": [cell({"uncovered": ["x"]})]}
	standing_after("suspended", object.union(asked, nowhere)) == "suspended"
	standing_after("suspended", object.union(asked, {"open_incidents": ["grave"]})) == "suspended"
	standing_after("suspended", object.union(asked, breached)) == "reinstated"
}

test_the_graver_step_goes_first if {
	both := {"cells": [cell({"review": ["r"], "prohibit": ["p"]})]}
	standing_after("active", both) == "suspended"
	standing_after("active", object.union(both, {"delisting_requested": true})) == "delisted"
}

test_reasons_say_what_was_found if {
	judged(breached).reasons == {"breach:r", "a_cell_needs_review"}
	judged(grave).reasons == {"prohibited:r"}
	judged(unproven).reasons == {"a_cell_lacks_proof", "proven_in_a_cell"}
	judged({}).reasons == {"proven_in_a_cell"}
	judged({"cells": []}).reasons == {"no_cells"}
}

test_verdicts_go_from_the_gravest_down if {
	verdict_with({}) == "allowed"
	against := ["prohibit", "uncovered", "review", "undetermined", "proofs"]
	words := ["prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence"]
	every place, word in words {
		verdict_with({name: ["x"] | some name in array.slice(against, place, 5)}) == word
	}
	verdict_with({"doubts": ["d"]}) == "needs_review"
	verdict_with({"licences": ["x"]}) == "needs_evidence"
}

wrong_values := [null, 1, true, "x", {}]

test_wrong_type_is_never_allowed_and_never_a_better_standing if {
	every field in object.keys(clean) {
		every wrong in wrong_values {
			verdict_with({field: wrong}) != "allowed"
			broken := {"cells": [clean, cell({field: wrong})]}
			standing_after("provisional", broken) == "provisional"
			standing_after("probation", broken) == "probation"
		}
	}
}

test_cell_that_lacks_a_field_is_left_out_and_holds_everybody_up if {
	every field in object.keys(clean) {
		broken := {"cells": [clean, object.remove(clean, [field])]}
		judged(broken).verdicts == ["allowed"]
		standing_after("provisional", broken) == "provisional"
		standing_after("applicant", broken) == "applicant"
	}
}

test_unreadable_input_is_not_judged if {
	every field in object.keys(vetting) {
		not provider.judgement with input as object.remove(vetting, [field])
		every wrong in [null, 1, "soon", {}] {
			not provider.judgement with input as object.union(vetting, {field: wrong})
		}
	}
}
