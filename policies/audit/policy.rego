# METADATA
# title: Audit policy
# description: |
#   Says which personal values of a recorded decision are withheld from whom, and how long they
#   are kept. A value that is withheld stays committed to in the record, so that no proof breaks;
#   only the value and its salt are left out.
#
#   The portal sees what it sent itself: the access policy lets it read no other decision. A
#   reviewer and an auditor see who sells what, and not the numbers of papers. An export leaves
#   the house: an auditor's names no seller and no paper, an administrator's no paper. Who approved
#   a drop is shown to all who see its decision: that there were two is what they look for. What is
#   not listed here is withheld: an unknown role, purpose or gate is shown nothing.
# related_resources:
# - ref: https://www.openpolicyagent.org/docs/management-decision-logs#masking-sensitive-data
package governance.audit

# METADATA
# title: Masks
# description: |
#   `masked` has those of `input.fields` (JSON pointers into the input of a decision, with `*`
#   for every item of a list) that `input.caller` is not shown in a decision of `input.gate`
#   when it asks in order to `read` or to `export` (`input.purpose`). Undefined where the fields
#   are no list, and then nothing is shown at all.
# entrypoint: true
masks := {"masked": masked}

masked := [field |
	some field in input.fields
	not field in shown
] if {
	is_array(input.fields)
}

# METADATA
# title: Fields that the caller is shown
shown contains field if {
	is_string(input.caller.id)
	input.caller.id != ""
	some field in shown_for[input.gate][input.purpose][input.caller.role]
}

# METADATA
# title: Fields that are shown, by gate, purpose and role
shown_for := {
	"sale": {
		"read": {
			"portal": union({goods, seller, papers}),
			"reviewer": union({goods, seller}),
			"auditor": union({goods, seller}),
			"admin": union({goods, seller, papers}),
		},
		"export": {
			"auditor": goods,
			"admin": union({goods, seller}),
		},
	},
	"drop": {
		"read": {
			"portal": union({launch, creator, approvers}),
			"reviewer": union({launch, creator, approvers}),
			"auditor": union({launch, creator, approvers}),
			"admin": union({launch, creator, approvers}),
		},
		"export": {
			"auditor": union({launch, approvers}),
			"admin": union({launch, creator, approvers}),
		},
	},
}

goods := {"/product/id", "/product/title"}

seller := {"/seller/id"}

papers := {"/evidence/*/reference"}

launch := {"/drop/title"}

creator := {"/drop/creator"}

approvers := {"/approvals/*/approver"}

# METADATA
# title: Retention
# description: |
#   For how many days after a decision of `input.gate` its personal values are kept. The default
#   of five years is this platform's own choice, which it may change; no law is cited for it.
#   Undefined where the gate is no word, and then nothing is erased for its age.
# entrypoint: true
retention := {"retain_days": object.get(retain_days_of, input.gate, retain_days)} if {
	is_string(input.gate)
}

retain_days := 1826

# METADATA
# title: Days by gate
# description: A gate is listed here where its values are kept shorter or longer than by default.
retain_days_of := {}
