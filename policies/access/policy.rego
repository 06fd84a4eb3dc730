# METADATA
# title: Access policy
# description: |
#   Says whether a caller may do something. Only what is listed here is allowed: an unknown
#   role or action, or a request that lacks a field, is prohibited.
package governance.access

# METADATA
# title: Judgement
# description: The verdict, `allowed` or `prohibited`, and the reason in a plain sentence.
# entrypoint: true
default judgement := {
	"verdict": "prohibited",
	"reason": "No rule allows this caller to do this.",
}

judgement := {"verdict": "allowed", "reason": "The role of the caller may do this."} if {
	is_known
	input.caller.role in roles_for[input.action]
} else := {"verdict": "allowed", "reason": "The portal may read a decision that it asked for."} if {
	is_known
	input.caller.role == "portal"
	input.action == "decisions:read"
	input.resource.requested_by == input.caller.id
} else := {"verdict": "prohibited", "reason": reason_against[input.caller.role]}

# METADATA
# title: Roles for an action
# description: The roles that may do the action whatever it is done to.
roles_for := {
	"eligibility:check": {"portal", "reviewer", "admin"},
	"catalogue:read": {"portal", "reviewer", "auditor", "admin"},
	"decisions:read": {"reviewer", "auditor", "admin"},
	"decisions:export": {"auditor", "admin"},
	"log:read": {"reviewer", "auditor", "admin"},
	"personal:erase": {"admin"},
	"providers:read": {"portal", "reviewer", "auditor", "admin"},
	"providers:write": {"reviewer", "admin"},
	"providers:vet": {"reviewer", "admin"},
	"provider_events:write": {"portal", "admin"},
	"drops:read": {"portal", "reviewer", "auditor", "admin"},
	"drops:write": {"portal", "admin"},
	"drops:approve": {"portal", "reviewer", "admin"},
	"drops:hold": {"reviewer", "admin"},
	"past_drops:write": {"portal", "admin"},
	"exchange_rates:write": {"portal", "admin"},
	"webhooks:read": {"portal", "admin"},
	"webhooks:write": {"portal", "admin"},
}

reason_against := {
	"anonymous": "The caller is not signed in, and nothing is open to everyone.",
	"portal": "The portal may check, read the catalogue and providers, send in their events, hand in drops, pass on approvals of them, keep past drops, exchange rates and webhooks, and read decisions that it asked for.",
	"reviewer": "This is not among the things that a reviewer may do.",
	"auditor": "An auditor may read and export, and nothing else.",
	"admin": "This is not among the things that an administrator may do.",
}

is_known if {
	is_string(input.caller.id)
	input.caller.id != ""
}
