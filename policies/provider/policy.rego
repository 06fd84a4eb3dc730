# METADATA
# title: Provider policy
# description: |
#   Says where a provider stands after a vetting: what follows from what the rulesets found in each
#   of its cells (a service in a market), from its licences on the day `input.as_of`, and from open
#   incidents. Thresholds are rules and not here. A step for the better needs everything in order;
#   a step for the worse needs something certain. A cell that no rule covers is `unknown` and not to
#   be served, but takes no standing from the others. Dates are ISO 8601 strings and compare as
#   strings.
package governance.provider

# METADATA
# title: Judgement
# description: |
#   `verdicts` has one verdict for each of `input.cells`, in the same order; a cell that lacks a
#   field is left out, so the caller refuses a judgement of another length. `standing` is where the
#   provider stands after it and `reasons` why. Undefined when the input as a whole is not readable,
#   and then nobody's standing changes.
# entrypoint: true
judgement := {
	"verdicts": verdicts,
	"held": held,
	"standing": standing,
	"reasons": reasons,
} if {
	is_date(input.as_of)
	is_array(cells)
	is_array(licences)
	is_array(incidents)
	is_boolean(input.reinstatement_requested)
	is_boolean(input.delisting_requested)
	input.standing in object.keys(steps)
}

# Undefined unless they are lists: one engine cannot look through anything else, the other can.
cells := input.cells if is_array(input.cells)

licences := input.licences if is_array(input.licences)

incidents := input.open_incidents if is_array(input.open_incidents)

verdicts := [verdict(cell) |
	some cell in cells

	# Defined only where every field is there.
	[
		cell.uncovered,
		cell.doubts,
		cell.prohibit,
		cell.review,
		cell.undetermined,
		cell.licences,
		cell.proofs,
	]
]

# METADATA
# title: Held licences
# description: A licence holds from `valid_from` to `valid_to`, both days included; null is for ever.
held contains licence.type if {
	some licence in licences
	is_string(licence.type)
	is_date(licence.valid_from)
	licence.valid_from <= input.as_of
	not_ended(licence.valid_to)
}

not_ended(day) if day == null

not_ended(day) if {
	is_date(day)
	day >= input.as_of
}

# Values of different types have an order in Rego (null <= "2026-11-22" is true), so a type
# is always checked before `<=` is believed.
is_date(day) if {
	is_string(day)
	count(day) == 10
	day > "0000-00-00"
	day < "9999-99-99"
}

# METADATA
# title: Verdict of one cell
# description: |
#   The gravest verdict that applies, in the words of the sale policy. `licences` are evidence types
#   that a paper proves; `proofs` those that only counts prove and do not yet, so any needs evidence.
#   Anything but an empty list counts against a cell: one with a wrong type in it is never allowed.
verdict(cell) := "prohibited" if cell.prohibit != []

else := "unknown" if cell.uncovered != []

else := "needs_review" if [cell.review, cell.doubts] != [[], []]

else := "needs_facts" if cell.undetermined != []

else := "needs_evidence" if cell.proofs != []

else := "needs_evidence" if {
	is_array(cell.licences)
	some type in cell.licences
	not type in held
}

else := "allowed" if is_array(cell.licences)

else := "unknown"

# METADATA
# title: Steps between standings
# description: |
#   Every step that the registry knows. Nobody becomes active but from a standing in which
#   deliveries were observed.
steps := {
	"applicant": {"provisional", "delisted"},
	"provisional": {"active", "suspended", "delisted"},
	"active": {"probation", "suspended", "delisted"},
	"probation": {"active", "suspended", "delisted"},
	"suspended": {"reinstated", "delisted"},
	"reinstated": {"active", "probation", "suspended", "delisted"},
	"delisted": set(),
}

# METADATA
# title: Standing
# description: |
#   The first standing that is called for and that a step leads to, else the one that is: a step
#   for the worse goes before one for the better.
standing := next[0] if count(next) > 0

else := input.standing

next := [wanted |
	some wanted in ["delisted", "suspended", "probation", "active", "provisional", "reinstated"]
	wanted in steps[input.standing]
	called_for[wanted]
]

called_for contains "delisted" if input.delisting_requested == true

called_for contains "suspended" if count(grave) > 0

called_for contains "probation" if count(breaches) > 0

called_for contains "active" if proven

called_for contains "provisional" if in_order

called_for contains "reinstated" if {
	input.reinstatement_requested == true
	nothing_grave
}

# METADATA
# title: Proven
# description: |
#   In order, and some cell is allowed: what it asks for is proven by deliveries. The verdicts of the
#   other cells say where proof is still lacking.
proven if {
	in_order
	"allowed" in verdicts
	every cell in cells {
		is_array(cell.proofs)
	}
}

# METADATA
# title: In order
# description: |
#   What an applicant needs: a place to serve, every licence, nothing against it and no fact
#   unknown. Proof by deliveries comes after.
in_order if {
	incidents == []
	nothing_grave
	every cell in cells {
		[cell.review, cell.doubts] == [[], []]
	}
}

# METADATA
# title: Nothing grave
# description: |
#   Some cell is covered by rules, none is prohibited, no fact and no licence is lacking. Whether
#   what a rule found before is mended is for the reviewer who asks for a reinstatement.
nothing_grave if {
	count(grave) == 0
	count(verdicts) == count(cells)
	some covered in cells
	covered.uncovered == []
	every cell in cells {
		[cell.prohibit, cell.undetermined] == [[], []]
		is_array(cell.uncovered)
		is_array(cell.licences)
		every type in cell.licences {
			type in held
		}
	}
}

# METADATA
# title: Grave
# description: |
#   What suspends, however few the shipments: a rule that prohibits, a licence that ran out or is
#   not there, an open incident that is grave.
grave contains concat(":", ["prohibited", id]) if {
	some cell in cells
	is_array(cell.prohibit)
	some id in cell.prohibit
	is_string(id)
}

grave contains concat(":", ["licence_lacking", type]) if {
	some cell in cells
	is_array(cell.licences)
	some type in cell.licences
	is_string(type)
	not type in held
}

grave contains "grave_incident_open" if {
	some incident in incidents
	incident == "grave"
}

# METADATA
# title: Breaches
# description: What a rule found for certain, on as many shipments as the rule asks for.
breaches contains concat(":", ["breach", id]) if {
	some cell in cells
	is_array(cell.review)
	some id in cell.review
	is_string(id)
}

# METADATA
# title: Reasons
# description: What speaks for the standing, or against a better one; each has the verdict's word.
reasons contains reason if some reason in grave

reasons contains reason if some reason in breaches

reasons contains "incident_open" if incidents != []

reasons contains "reinstatement_requested" if input.reinstatement_requested == true

reasons contains "delisting_requested" if input.delisting_requested == true

reasons contains "no_cells" if cells == []

reasons contains "proven_in_a_cell" if proven

reasons contains "licences_and_coverage_in_order" if {
	input.standing == "applicant"
	in_order
}

reasons contains reason if {
	some one in verdicts
	reason := reason_of[one]
}

reason_of := {
	"unknown": "a_cell_is_not_covered",
	"needs_review": "a_cell_needs_review",
	"needs_facts": "a_cell_lacks_facts",
	"needs_evidence": "a_cell_lacks_proof",
}
