# METADATA
# title: Access policy
# description: |
#   Says whether a caller may do something. Only what is listed here is allowed: an unknown
#   role or action, or a request that lacks a field, is prohibited.
package governance.access

# METADATA
# title: Actions open to a role as a whole
roles_of := {
	"eligibility:check": {"portal", "reviewer", "admin"},
	"catalogue:read": {"portal", "reviewer", "auditor", "admin"},
	"decisions:read": {"reviewer", "auditor", "admin"},
}

# METADATA
# title: Judgement
# description: The verdict, `allowed` or `prohibited`, and the reason in a plain sentence.
# entrypoint: true
default judgement := {
	"verdict": "prohibited",
	"reason": "No rule allows this caller to do this.",
}

judgement := {"verdict": "allowed", "reason": reason} if {
	is_known_caller
	role_suffices
	reason := concat("", ["The role ", input.caller.role, " may do this: ", input.action, "."])
} else := {"verdict": "allowed", "reason": "The portal may read the decisions that it asked for."} if {
	is_known_caller
	portal_reads_own
} else := {"verdict": "prohibited", "reason": "The portal may read only the decisions that it asked for."} if {
	is_known_caller
	input.caller.role == "portal"
	input.action == "decisions:read"
} else := {"verdict": "prohibited", "reason": "Nobody is signed in, and this is not open to everyone."} if {
	input.caller.role == "anonymous"
}

role_suffices if input.caller.role in roles_of[input.action]

portal_reads_own if {
	input.caller.role == "portal"
	input.action == "decisions:read"
	input.resource.requested_by == input.caller.id
}

is_known_caller if {
	is_string(input.caller.id)
	input.caller.id != ""
}
