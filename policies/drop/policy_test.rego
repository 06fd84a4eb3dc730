package governance.drop_test

import data.governance.drop

cell := {
	"provider": "swift",
	"service": "last_mile",
	"market": "DE",
	"standing": "active",
	"verdict": "allowed",
}

market := {
	"market": "DE",
	"product": "shirt",
	"units": 10,
	"sale": [{"verdict": "allowed"}, {"verdict": "allowed"}],
	"import_modes": ["commercial"],
	"import_modes_allowed": ["commercial"],
	"evidence_ends": [],
	"providers": [cell],
	"refused_by_lane": [],
	"refused_by_node": [],
	"clearance_open": true,
	"lead_days_p90": 9,
	"lead_days_limit": null,
}

plan := {
	"plan": "sha256:1",
	"prohibit": [],
	"review": [],
	"undetermined": [],
	"uncovered": [],
	"stale": [],
	"markets": [market],
	"nodes": [{"node": "swift/berlin", "units": 10, "capacity": 10}],
	"approvals": [],
}

approval := {"independent": true, "plan": "sha256:1", "reasons": ["review:r"]}

judged(difference) := answer if {
	answer := drop.judgement with input as object.union(plan, difference)
}

judged_market(difference) := answer if {
	answer := judged({"markets": [object.union(market, difference)]}).markets[0]
}

refused(difference, code) if {
	answer := judged_market(difference)
	answer == {"verdict": "prohibited", "reasons": {code}}
}

test_a_plan_with_nothing_against_it_is_allowed if {
	judged({}) == {
		"verdict": "allowed",
		"reasons": [],
		"approved_reasons": set(),
		"markets": [{"verdict": "allowed", "reasons": set()}],
	}
}

test_each_condition_of_a_market_has_its_code if {
	no := {"verdict": "needs_evidence"}
	yes := {"verdict": "allowed"}
	refused({"sale": [no, yes]}, "sale_not_allowed_on_first_day")
	refused({"sale": [yes, no]}, "sale_not_allowed_on_last_day")
	refused({"import_modes": []}, "no_import_mode")
	refused({"import_modes_allowed": ["cbec"]}, "import_mode_not_allowed:commercial")
	refused({"evidence_ends": ["eu.x"]}, "evidence_ends:eu.x")
	refused({"providers": []}, "no_provider")
	refused({"refused_by_lane": ["swift/air"]}, "refused_by_lane:swift/air")
	refused({"refused_by_node": ["swift/berlin"]}, "refused_by_node:swift/berlin")
	refused({"clearance_open": false}, "clearance_not_open")
	refused({"lead_days_limit": 8}, "lead_time_over_limit")
	judged_market({"lead_days_limit": 9}).verdict == "allowed"
}

test_a_provider_serves_in_good_standing_and_where_it_is_allowed if {
	every standing in ["provisional", "active", "probation", "reinstated"] {
		judged_market({"providers": [object.union(cell, {"standing": standing})]}).verdict == "allowed"
	}
	every standing in ["applicant", "suspended", "delisted", "", null, true] {
		refused(
			{"providers": [cell, object.union(cell, {"standing": standing})]},
			"provider_not_serving:swift",
		)
	}
	every verdict in ["unknown", "prohibited", "needs_evidence", null, 1] {
		refused(
			{"providers": [object.union(cell, {"verdict": verdict})]},
			"provider_not_allowed:swift/last_mile/DE",
		)
	}
}

test_a_field_that_is_missing_stands_against_its_market if {
	every field in object.keys(object.remove(market, ["market", "product"])) {
		answer := judged({"markets": [market, object.remove(market, [field])]})
		answer.verdict == "prohibited"
		answer.markets[0].verdict == "allowed"
		answer.markets[1].verdict == "prohibited"
	}
	every field in ["standing", "verdict"] {
		judged_market({"providers": [object.remove(cell, [field])]}).verdict == "prohibited"
	}
}

test_a_field_of_another_type_stands_against_its_market if {
	every field in object.keys(object.remove(market, ["market", "product", "lead_days_limit"])) {
		every wrong in [null, "x", {}, {"a": 1}, [1], [null]] {
			judged_market({field: wrong}).verdict == "prohibited"
		}
	}
	every wrong in ["x", true, [], {}] {
		judged_market({"lead_days_limit": wrong}).verdict == "prohibited"
	}
}

test_what_stands_against_the_plan_stands_against_every_market if {
	differences := {
		"prohibited:p": {"prohibit": ["p"]},
		"stale:document:version 3": {"stale": [{"what": "document", "which": "version 3"}]},
		"stale": {"stale": [{}]},
		"no_units": {"markets": [object.union(market, {"units": 0})]},
		"node_over_capacity:n": {"nodes": [{"node": "n", "units": 2, "capacity": 1}]},
		"node_over_capacity": {"nodes": [{"units": 2}]},
	}
	every code, difference in differences {
		answer := judged(difference)
		answer.verdict == "prohibited"
		answer.reasons == [code]
		answer.markets == [{"verdict": "prohibited", "reasons": set()}]
	}
	judged({"markets": []}).reasons == ["no_market"]
}

test_a_market_that_is_refused_leaves_the_others_their_verdict if {
	answer := judged({"markets": [market, object.union(market, {"clearance_open": false})]})
	answer.verdict == "prohibited"
	[one | some found in answer.markets; one := found.verdict] == ["allowed", "prohibited"]
}

test_verdicts_and_reasons_go_from_the_gravest_down if {
	against := ["prohibit", "uncovered", "review", "undetermined"]
	words := ["prohibited", "unknown", "needs_review", "needs_facts"]
	codes := ["prohibited:x", "not_covered:x", "review:x", "undetermined:x"]
	every place, word in words {
		answer := judged({name: ["x"] | some name in array.slice(against, place, 4)})
		answer.verdict == word
		answer.reasons == array.slice(codes, place, 4)
		answer.markets[0].verdict == word
	}
}

test_an_independent_approval_of_this_plan_lifts_what_it_names if {
	judged({"review": ["r"]}).verdict == "needs_review"
	answer := judged({"review": ["r"], "approvals": [approval]})
	answer.verdict == "allowed"
	answer.approved_reasons == {"review:r"}
	judged({"review": ["r", "s"], "approvals": [approval]}).reasons == ["review:s"]
}

test_no_other_approval_changes_anything if {
	differences := [
		{"independent": false}, {"independent": "true"}, {"independent": 1},
		{"plan": "sha256:2"}, {"plan": null},
		{"reasons": ["review:s"]}, {"reasons": ["r"]}, {"reasons": "review:r"}, {"reasons": [null]},
	]
	every difference in differences {
		answer := judged({"review": ["r"], "approvals": [object.union(approval, difference)]})
		answer == judged({"review": ["r"]})
	}
	every field in object.keys(approval) {
		answer := judged({"review": ["r"], "approvals": [object.remove(approval, [field])]})
		answer == judged({"review": ["r"]})
	}
}

test_nothing_else_is_ever_lifted if {
	differences := [
		{"prohibit": ["x"]}, {"undetermined": ["x"]}, {"uncovered": ["x"]}, {"markets": []},
		{"stale": [{"what": "document", "which": "x"}]},
		{"nodes": [{"node": "x", "units": 2, "capacity": 1}]},
		{"markets": [object.union(market, {"clearance_open": false})]},
	]
	every difference in differences {
		all_codes := object.union(approval, {"reasons": judged(difference).reasons})
		judged(object.union(difference, {"approvals": [all_codes]})) == judged(difference)
	}
}

test_unreadable_input_is_not_judged if {
	every field in object.keys(plan) {
		not drop.judgement with input as object.remove(plan, [field])
		every wrong in [null, 1, {}, [1], [null]] {
			not drop.judgement with input as object.union(plan, {field: wrong})
		}
	}
}
