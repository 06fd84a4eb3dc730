# METADATA
# title: Sale policy
# description: |
#   Says what follows from what the rulesets found, on the day of sale `input.as_of`. It does
#   not see which market or way in a case is of: what the law of one market says is a rule,
#   and the same findings get the same verdict everywhere. Dates are ISO 8601 strings and
#   compare as strings.
package governance.sale

# METADATA
# title: Judgement
# description: |
#   `verdicts` has one verdict for each of `input.cases`, in the same order; `held` has
#   the types of evidence that hold on `input.as_of`. Each case is judged by itself and by
#   evidence of the types in its `require`: the caller may keep its verdict and ask about
#   other cases only. A case that lacks a field is left out, so the caller refuses a
#   judgement of another length. `oldest_research_allowed` is given
#   back so that a seller can be told. Undefined when the input as a whole is not readable,
#   and then nobody may sell anything.
# entrypoint: true
judgement := {
	"verdicts": verdicts,
	"held": held,
	"oldest_research_allowed": oldest_research_allowed,
} if {
	is_date(input.as_of)
	is_array(input.evidence)
}

verdicts := [verdict(c) |
	some c in input.cases

	# Defined only where every field is there.
	[
		c.uncovered,
		c.low_certainty,
		c.oldest_research_days,
		c.doubts,
		c.prohibit,
		c.review,
		c.undetermined,
		c.require,
	]
] if {
	is_array(input.cases)
}

# METADATA
# title: Held evidence
# description: Evidence holds from `valid_from` to `valid_to`, both days included; null is for ever.
held contains evidence.type if {
	is_array(input.evidence)
	some evidence in input.evidence
	is_string(evidence.type)
	is_date(evidence.valid_from)
	evidence.valid_from <= input.as_of
	not_ended(evidence.valid_to)
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
# title: Oldest research in days
# description: Research older than this must be read again by a person.
oldest_research_allowed := 730

# METADATA
# title: Verdict of one case
# description: |
#   The gravest verdict that applies. What was found against the sale is a list, so anything
#   but an empty list counts against it: a case with a wrong type in it is never allowed.
verdict(c) := "prohibited" if c.prohibit != []

else := "unknown" if c.uncovered != []

else := "needs_review" if [c.review, c.low_certainty, c.doubts] != [[], [], []]

else := "needs_review" if c.oldest_research_days > oldest_research_allowed

else := "needs_facts" if c.undetermined != []

else := "needs_evidence" if {
	is_array(c.require)
	some type in c.require
	not type in held
}

else := "allowed" if {
	is_array(c.require)
	is_number(c.oldest_research_days)
}

else := "unknown"
