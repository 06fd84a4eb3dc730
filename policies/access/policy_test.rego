package governance.access_test

import data.governance.access

roles := ["portal", "reviewer", "auditor", "admin", "anonymous", "owner"]

actions := ["eligibility:check", "catalogue:read", "decisions:read", "decisions:export", "log:read", "personal:erase", "providers:read", "providers:write", "providers:vet", "provider_events:write", "drops:read", "drops:write", "drops:approve", "drops:hold", "past_drops:write", "exchange_rates:write", "webhooks:read", "webhooks:write", "catalogue:write"]

request(role, action, resource) := {
	"caller": {"id": "caller-1", "role": role},
	"action": action,
	"resource": resource,
}

judged(whole) := answer if answer := access.judgement with input as whole

allows(role, action, resource) if {
	judged(request(role, action, resource)).verdict == "allowed"
}

test_only_what_is_listed_is_allowed if {
	allowed := {[role, action] |
		some role in roles
		some action in actions
		allows(role, action, {})
	}
	allowed == {
		["portal", "eligibility:check"],
		["reviewer", "eligibility:check"],
		["admin", "eligibility:check"],
		["portal", "catalogue:read"],
		["reviewer", "catalogue:read"],
		["auditor", "catalogue:read"],
		["admin", "catalogue:read"],
		["reviewer", "decisions:read"],
		["auditor", "decisions:read"],
		["admin", "decisions:read"],
		["auditor", "decisions:export"],
		["admin", "decisions:export"],
		["reviewer", "log:read"],
		["auditor", "log:read"],
		["admin", "log:read"],
		["admin", "personal:erase"],
		["portal", "providers:read"],
		["reviewer", "providers:read"],
		["auditor", "providers:read"],
		["admin", "providers:read"],
		["reviewer", "providers:write"],
		["reviewer", "providers:vet"],
		["admin", "providers:write"],
		["admin", "providers:vet"],
		["portal", "provider_events:write"],
		["admin", "provider_events:write"],
		["portal", "drops:read"],
		["reviewer", "drops:read"],
		["auditor", "drops:read"],
		["admin", "drops:read"],
		["portal", "drops:write"],
		["admin", "drops:write"],
		["portal", "drops:approve"],
		["reviewer", "drops:approve"],
		["admin", "drops:approve"],
		["reviewer", "drops:hold"],
		["admin", "drops:hold"],
		["portal", "past_drops:write"],
		["admin", "past_drops:write"],
		["portal", "exchange_rates:write"],
		["admin", "exchange_rates:write"],
		["portal", "webhooks:read"],
		["admin", "webhooks:read"],
		["portal", "webhooks:write"],
		["admin", "webhooks:write"],
	}
}

test_portal_reads_a_decision_that_it_asked_for if {
	allows("portal", "decisions:read", {"requested_by": "caller-1"})
}

test_portal_does_not_read_the_decision_of_another if {
	not allows("portal", "decisions:read", {"requested_by": "caller-2"})
}

test_anonymous_reads_nothing_by_having_asked if {
	not allows("anonymous", "decisions:read", {"requested_by": "caller-1"})
}

test_request_that_lacks_a_field_is_prohibited if {
	whole := request("admin", "catalogue:read", {})
	judged({}).verdict == "prohibited"
	judged(object.remove(whole, ["caller"])).verdict == "prohibited"
	judged(object.remove(whole, ["action"])).verdict == "prohibited"
	judged(object.union(whole, {"caller": {"role": "admin", "id": null}})).verdict == "prohibited"
	judged(object.union(whole, {"caller": {"role": null}})).verdict == "prohibited"
}

test_caller_without_a_name_is_prohibited if {
	every id in [null, "", 1, [], {}] {
		judged({
			"caller": {"id": id, "role": "portal"},
			"action": "decisions:read",
			"resource": {"requested_by": id},
		}).verdict == "prohibited"
	}
}

test_every_answer_has_a_reason if {
	every role in roles {
		every action in actions {
			judged(request(role, action, {})).reason != ""
		}
	}
}

test_prohibition_says_why if {
	judged(request("anonymous", "catalogue:read", {})).reason == access.reason_against.anonymous
	judged(request("owner", "catalogue:read", {})).reason == "No rule allows this caller to do this."
}
